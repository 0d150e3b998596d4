using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using OrtAdaMomentum.Optimizers.Simd;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Optimizers;

/// <summary>
/// AdaMomentum (later called AdaM3): Adam, with a second moment of the first moment instead of the gradient, and epsilon inside its
/// recurrence.
/// <code>
/// m = β1 m + (1 - β1) g
/// v = β2 v + (1 - β2) m² + ε
/// p = p - lr · (m / (1 - β1ᵗ)) / √(v / (1 - β2ᵗ))
/// </code>
/// Decoupled weight decay comes before the update: p = p - lr · decay · p.
/// </summary>
/// <remarks>
/// Wang et al., "Momentum is All You Need for Data-Driven Adaptive Optimization", ICDM 2023, Algorithm 1 (arXiv 2106.11514), and the
/// authors' code for weight decay, AMSGrad and rectification. Coefficients are computed in double and rounded to float once. In the first
/// steps an update can reach 1 / (1 - β1) times the learning rate, as the second moment is of the uncorrected first: warm up, or rectify.
/// </remarks>
public sealed unsafe class AdaMomentum : Optimizer
{
    /// <summary>Below this a first moment is zero: its step would be far below any damping, and its decay would end subnormal.</summary>
    private const float SmallestMoment = 1e-30f;

    /// <summary>Rectification trusts the second moment from this many effective samples on.</summary>
    private const double TrustedSamples = 5;

    private readonly AdaMomentumOptions _options;

    private double _stepFactor;
    private bool _divides;

    /// <summary>Creates the optimizer with zeroed moments.</summary>
    /// <param name="layout">The layout of the parameters.</param>
    /// <param name="options">Options; null for the defaults.</param>
    /// <param name="settings">Clipping, threads and groups; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option or setting is out of range.</exception>
    public AdaMomentum(BufferLayout layout, AdaMomentumOptions? options = null, OptimizerSettings? settings = null)
        : base(layout, settings, Checked(ref options).LearningRate, options.WeightDecay, StateNames(options)) =>
        _options = options;

    /// <inheritdoc/>
    public override string Name => "adamomentum";

    private protected override void BeginStep(long step)
    {
        double beta2 = _options.Beta2, power2 = Math.Pow(beta2, step);
        double correction1 = 1 - Math.Pow(_options.Beta1, step), correction2 = 1 - power2;
        _divides = true;
        _stepFactor = Math.Sqrt(correction2) / correction1;
        if (!_options.Rectify)
            return;

        double most = (2 / (1 - beta2)) - 1;
        double samples = most - (2 * step * power2 / correction2);
        _divides = samples >= TrustedSamples;
        _stepFactor = _divides
            ? _stepFactor * Math.Sqrt((samples - 4) / (most - 4) * (samples - 2) / samples * most / (most - 2))
            : 1 / correction1;
    }

    private protected override void Update(in StepRange range)
    {
        bool coupled = _options.WeightDecayMode == WeightDecayMode.Coupled;
        StepKernel.Run(
            Width,
            new Kernel
            {
                First = State(0),
                Second = State(1),
                MaxSecond = _options.AmsGrad ? State(2) : null,
                Divides = _divides,
                Beta1 = (float)_options.Beta1,
                Gain1 = (float)(1 - _options.Beta1),
                Beta2 = (float)_options.Beta2,
                Gain2 = (float)(1 - _options.Beta2),
                Epsilon = (float)_options.Epsilon,
                OuterEpsilon = _options.Rectify ? (float)_options.Epsilon : 0f,
                CoupledDecay = coupled ? (float)range.WeightDecay : 0f,
                DecoupledDecay = coupled ? 0f : (float)(-range.LearningRate * range.WeightDecay),
                Step = (float)(-range.LearningRate * _stepFactor),
            },
            range);
    }

    private static AdaMomentumOptions Checked([NotNull] ref AdaMomentumOptions? options)
    {
        options ??= new AdaMomentumOptions();
        options.Validate();
        return options;
    }

    private static ReadOnlySpan<string> StateNames(AdaMomentumOptions options)
    {
        string[] names = ["first_moment", "second_moment", "max_second_moment"];
        return names.AsSpan(0, options.AmsGrad ? 3 : 2);
    }

    private readonly struct Kernel : IStepKernel
    {
        public required float* First { get; init; }
        public required float* Second { get; init; }
        public required float* MaxSecond { get; init; }
        public required bool Divides { get; init; }
        public required float Beta1 { get; init; }
        public required float Gain1 { get; init; }
        public required float Beta2 { get; init; }
        public required float Gain2 { get; init; }
        public required float Epsilon { get; init; }
        public required float OuterEpsilon { get; init; }
        public required float CoupledDecay { get; init; }
        public required float DecoupledDecay { get; init; }
        public required float Step { get; init; }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(in StepRange range)
            where T : struct, ILanes<T>
        {
            T scale = T.Splat(range.GradientScale), limit = T.Splat(range.GradientLimit);
            T beta1 = T.Splat(Beta1), gain1 = T.Splat(Gain1), beta2 = T.Splat(Beta2), gain2 = T.Splat(Gain2);
            T epsilon = T.Splat(Epsilon), outerEpsilon = T.Splat(OuterEpsilon), smallest = T.Splat(SmallestMoment);
            T coupledDecay = T.Splat(CoupledDecay), decoupledDecay = T.Splat(DecoupledDecay), step = T.Splat(Step);
            float* parameters = range.Parameters, gradients = range.Gradients;
            float* first = First, second = Second, maxSecond = MaxSecond;
            bool clips = range.Clips, divides = Divides, streams = range.Streams;
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
                g = T.MultiplyAdd(coupledDecay, p, g);
                p = T.MultiplyAdd(decoupledDecay, p, p);

                T m = T.Flush(T.MultiplyAdd(beta1, T.Load(first + i), gain1 * g), smallest);
                T v = T.MultiplyAdd(beta2, T.Load(second + i), T.MultiplyAdd(gain2 * m, m, epsilon));
                m.Store(first + i);
                v.Store(second + i);
                if (maxSecond is not null)
                {
                    v = T.Max(T.Load(maxSecond + i), v);
                    v.Store(maxSecond + i);
                }

                T direction = divides ? m / (T.Sqrt(v) + outerEpsilon) : m;
                T.MultiplyAdd(step, direction, p).Store(parameters + i);
            }
        }
    }
}
