using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using OrtAdaMomentum.Optimizers.Simd;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Optimizers;

/// <summary>
/// Adam with decoupled weight decay, as PyTorch's <c>AdamW</c>.
/// <code>
/// p = p - lr · decay · p
/// m = β1 m + (1 - β1) g
/// v = β2 v + (1 - β2) g²
/// p = p - lr · (m / (1 - β1ᵗ)) / (√(v / (1 - β2ᵗ)) + ε)
/// </code>
/// In the form of Hugging Face:
/// <code>
/// p = p - lr · √(1 - β2ᵗ) / (1 - β1ᵗ) · m / (√v + ε)
/// p = p - lr · decay · p
/// </code>
/// </summary>
/// <remarks>
/// Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, Algorithm 2. Coefficients are computed in double and rounded
/// to float once.
/// </remarks>
public sealed unsafe class AdamW : Optimizer
{
    /// <summary>Below these a moment is zero: what it would add is far below epsilon, and its decay would end subnormal.</summary>
    private const float SmallestFirst = 1e-30f, SmallestSecond = 1e-36f;

    private readonly AdamWOptions _options;

    private double _correction1;
    private double _correction2;

    /// <summary>Creates the optimizer with zeroed moments.</summary>
    /// <param name="layout">The layout of the parameters.</param>
    /// <param name="options">Options; null for the defaults.</param>
    /// <param name="settings">Clipping, threads and groups; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option or setting is out of range.</exception>
    public AdamW(BufferLayout layout, AdamWOptions? options = null, OptimizerSettings? settings = null)
        : base(layout, settings, Checked(ref options).LearningRate, options.WeightDecay, "first_moment", "second_moment") =>
        _options = options;

    /// <inheritdoc/>
    public override string Name => "adamw";

    private protected override void BeginStep(long step)
    {
        _correction1 = _options.CorrectsBias ? 1 - Math.Pow(_options.Beta1, step) : 1;
        _correction2 = _options.CorrectsBias ? 1 - Math.Pow(_options.Beta2, step) : 1;
    }

    private protected override void Update(in StepRange range) => StepKernel.Run(
        Width,
        new Kernel
        {
            First = State(0),
            Second = State(1),
            Beta1 = (float)_options.Beta1,
            Gain1 = (float)(1 - _options.Beta1),
            Beta2 = (float)_options.Beta2,
            Gain2 = (float)(1 - _options.Beta2),
            Epsilon = (float)_options.Epsilon,
            RootFactor = IsHuggingFace ? 1 : (float)(1 / Math.Sqrt(_correction2)),
            Decay = (float)(-range.LearningRate * range.WeightDecay),
            Step = IsHuggingFace
                // A decay of what comes out shrinks the step too.
                ? (float)(-range.LearningRate * Math.Sqrt(_correction2) / _correction1 * (1 - range.LearningRate * range.WeightDecay))
                : (float)(-range.LearningRate / _correction1),
        },
        range);

    private bool IsHuggingFace => _options.Form == AdamWForm.HuggingFace;

    private static AdamWOptions Checked([NotNull] ref AdamWOptions? options)
    {
        options ??= new AdamWOptions();
        options.Validate();
        return options;
    }

    private readonly struct Kernel : IStepKernel
    {
        public required float* First { get; init; }
        public required float* Second { get; init; }
        public required float Beta1 { get; init; }
        public required float Gain1 { get; init; }
        public required float Beta2 { get; init; }
        public required float Gain2 { get; init; }
        public required float Epsilon { get; init; }
        public required float RootFactor { get; init; }
        public required float Decay { get; init; }
        public required float Step { get; init; }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(in StepRange range)
            where T : struct, ILanes<T>
        {
            T scale = T.Splat(range.GradientScale), limit = T.Splat(range.GradientLimit);
            T beta1 = T.Splat(Beta1), gain1 = T.Splat(Gain1), beta2 = T.Splat(Beta2), gain2 = T.Splat(Gain2);
            T smallestFirst = T.Splat(SmallestFirst), smallestSecond = T.Splat(SmallestSecond);
            T epsilon = T.Splat(Epsilon), rootFactor = T.Splat(RootFactor), decay = T.Splat(Decay), step = T.Splat(Step);
            float* parameters = range.Parameters, gradients = range.Gradients, first = First, second = Second;
            bool clips = range.Clips, streams = range.Streams;
            int end = range.End;

            for (int i = range.Start; i < end; i += T.Count)
            {
                if (streams)
                {
                    Prefetch.Ahead(parameters + i);
                    Prefetch.Ahead(gradients + i);
                    Prefetch.Ahead(first + i);
                    Prefetch.Ahead(second + i);
                }

                T p = T.Load(parameters + i);
                T g = T.Load(gradients + i) * scale;
                if (clips)
                    g = T.Clamp(g, limit);
                p = T.MultiplyAdd(decay, p, p);
                T m = T.Flush(T.MultiplyAdd(beta1, T.Load(first + i), gain1 * g), smallestFirst);
                T v = T.Flush(T.MultiplyAdd(beta2, T.Load(second + i), gain2 * g * g), smallestSecond);
                m.Store(first + i);
                v.Store(second + i);
                T.MultiplyAdd(step, m / T.MultiplyAdd(T.Sqrt(v), rootFactor, epsilon), p).Store(parameters + i);
            }
        }
    }
}
