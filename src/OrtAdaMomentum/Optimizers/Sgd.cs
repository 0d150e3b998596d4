using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using OrtAdaMomentum.Optimizers.Simd;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Optimizers;

/// <summary>
/// Gradient descent with momentum, as PyTorch's <c>SGD</c> without dampening.
/// <code>
/// g = g + decay · p
/// b = momentum · b + g
/// p = p - lr · b            (Nesterov: p - lr · (g + momentum · b))
/// </code>
/// </summary>
public sealed unsafe class Sgd : Optimizer
{
    /// <summary>Below this a momentum is zero: it moves nothing any more, and its decay would end subnormal.</summary>
    private const float SmallestMomentum = 1e-30f;

    private readonly SgdOptions _options;

    /// <summary>Creates the optimizer with a zeroed momentum.</summary>
    /// <param name="layout">The layout of the parameters.</param>
    /// <param name="options">Options; null for the defaults.</param>
    /// <param name="settings">Clipping, threads and groups; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option or setting is out of range.</exception>
    public Sgd(BufferLayout layout, SgdOptions? options = null, OptimizerSettings? settings = null)
        : base(layout, settings, Checked(ref options).LearningRate, options.WeightDecay, options.Momentum > 0 ? ["momentum"] : []) =>
        _options = options;

    /// <inheritdoc/>
    public override string Name => "sgd";

    private protected override void Update(in StepRange range) => StepKernel.Run(
        Width,
        new Kernel
        {
            Buffer = States.Count > 0 ? State(0) : null,
            Momentum = (float)_options.Momentum,
            Nesterov = _options.Nesterov,
            Decay = (float)range.WeightDecay,
            Step = (float)-range.LearningRate,
        },
        range);

    private static SgdOptions Checked([NotNull] ref SgdOptions? options)
    {
        options ??= new SgdOptions();
        options.Validate();
        return options;
    }

    private readonly struct Kernel : IStepKernel
    {
        public required float* Buffer { get; init; }
        public required float Momentum { get; init; }
        public required bool Nesterov { get; init; }
        public required float Decay { get; init; }
        public required float Step { get; init; }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(in StepRange range)
            where T : struct, ILanes<T>
        {
            T scale = T.Splat(range.GradientScale), limit = T.Splat(range.GradientLimit), smallest = T.Splat(SmallestMomentum);
            T momentum = T.Splat(Momentum), decay = T.Splat(Decay), step = T.Splat(Step);
            float* parameters = range.Parameters, gradients = range.Gradients, buffer = Buffer;
            bool clips = range.Clips, nesterov = Nesterov, streams = range.Streams;
            int end = range.End;

            for (int i = range.Start; i < end; i += T.Count)
            {
                if (streams)
                {
                    Prefetch.Ahead(parameters + i);
                    Prefetch.Ahead(gradients + i);
                }

                T p = T.Load(parameters + i);
                T g = T.Load(gradients + i) * scale;
                if (clips)
                    g = T.Clamp(g, limit);
                g = T.MultiplyAdd(decay, p, g);
                if (buffer is not null)
                {
                    if (streams)
                        Prefetch.Ahead(buffer + i);
                    T b = T.Flush(T.MultiplyAdd(momentum, T.Load(buffer + i), g), smallest);
                    b.Store(buffer + i);
                    g = nesterov ? T.MultiplyAdd(momentum, b, g) : b;
                }

                T.MultiplyAdd(step, g, p).Store(parameters + i);
            }
        }
    }
}
