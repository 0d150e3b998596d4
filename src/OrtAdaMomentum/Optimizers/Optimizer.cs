using OrtAdaMomentum.Optimizers.Simd;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Optimizers;

/// <summary>
/// Updates the parameters of a flat buffer from their gradients in one pass. The result has the same bits whatever the number of threads
/// and the width of the machine's vectors. A step allocates no managed memory.
/// </summary>
/// <remarks>Not safe for use from several threads at once.</remarks>
public abstract unsafe partial class Optimizer : IDisposable
{
    /// <summary>
    /// The largest gradient norm a step is made with: beyond it a square may leave float's range, and an infinite second moment would never
    /// come back.
    /// </summary>
    private const double LargestNorm = 1e18;

    /// <summary>Memory of a step from which on it comes from beyond the caches near the cores.</summary>
    private const long StreamingBytes = 4 << 20;

    private readonly StepPlan _plan;
    private readonly GradientClipping _clipping;
    private readonly bool _measures;
    private readonly int _threads;
    private readonly bool _streams;
    private readonly double[] _squares;
    private readonly SumPass _sumPass;
    private readonly SquarePass _squarePass;
    private readonly UpdatePass _updatePass;
    private readonly OptimizerState[] _states;
    private double _learningRate;
    private bool _disposed;

    private float* _parameters;
    private float* _gradients;
    private float* _addend;
    private float _gradientScale;

    private protected Optimizer(
        BufferLayout layout, OptimizerSettings? settings, double learningRate, double weightDecay, params ReadOnlySpan<string> states)
    {
        ArgumentNullException.ThrowIfNull(layout);
        settings ??= new OptimizerSettings();
        settings.Validate();
        Layout = layout;
        LearningRate = learningRate;
        WeightDecay = Require.NonNegative(weightDecay);
        _plan = StepPlan.Create(layout, settings.Groups);
        _clipping = settings.Clipping;
        _measures = settings.SkipNonFiniteGradients || double.IsFinite(_clipping.MaximumNorm);
        _threads = settings.Threads == 0 ? StepThreads.For(_plan.Floats) : settings.Threads;
        _streams = _plan.Floats * (2 + states.Length) * sizeof(float) >= StreamingBytes;
        _squares = new double[_plan.Chunks.Length];
        _sumPass = new SumPass(this);
        _squarePass = new SquarePass(this);
        _updatePass = new UpdatePass(this);
        _states = new OptimizerState[states.Length];
        for (int i = 0; i < states.Length; i++)
            _states[i] = new OptimizerState(states[i], new FlatBuffer(layout));
        States = Array.AsReadOnly(_states);
    }

    /// <summary>The name that <see cref="OptimizerFactory"/> knows the optimizer by.</summary>
    public abstract string Name { get; }

    /// <summary>The layout of parameters, gradients and states.</summary>
    public BufferLayout Layout { get; }

    /// <summary>How many steps were applied.</summary>
    public long StepCount { get; private set; }

    /// <summary>How many steps were skipped because of their gradients.</summary>
    public long SkippedSteps { get; private set; }

    /// <summary>The base learning rate, before groups' factors; schedules set it between steps. Finite, at least 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double LearningRate
    {
        get => _learningRate;
        set => _learningRate = Require.NonNegative(value, nameof(LearningRate));
    }

    /// <summary>Weight decay of parameters whose group gives none.</summary>
    public double WeightDecay { get; }

    /// <summary>The states kept for every parameter. Disposed with the optimizer.</summary>
    public IReadOnlyList<OptimizerState> States { get; }

    /// <summary>Vector width of the kernels; every width gives the same bits.</summary>
    internal VectorWidth Width { get; init; } = VectorWidths.Widest;

    /// <summary>Updates the parameters in place. The gradients are only read.</summary>
    /// <param name="parameters">The parameters, in this optimizer's layout.</param>
    /// <param name="gradients">Their gradients, in the same layout.</param>
    /// <param name="gradientScale">
    /// Multiplies the gradients before anything else, e.g. 1 / number of accumulated batches; finite and positive.
    /// </param>
    /// <returns>Whether the step was applied, and the norm of the gradients.</returns>
    /// <exception cref="ArgumentException">A buffer has another layout, both are the same, or the scale is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer or a buffer is disposed.</exception>
    public StepOutcome Step(FlatBuffer parameters, FlatBuffer gradients, float gradientScale = 1f) =>
        StepOverSum(parameters, gradients, null, gradientScale);

    /// <summary>
    /// A step over gradients + addend: the first pass over the gradients adds the second buffer to the first, so that the sum is not read
    /// once more. Only what is trained is added.
    /// </summary>
    internal StepOutcome StepOverSum(FlatBuffer parameters, FlatBuffer gradients, FlatBuffer? addend, float gradientScale)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        CheckBuffer(parameters, nameof(parameters));
        CheckBuffer(gradients, nameof(gradients));
        if (addend is not null)
            CheckBuffer(addend, nameof(addend));
        if (ReferenceEquals(parameters, gradients))
            throw new ArgumentException("Parameters and gradients are the same buffer.", nameof(gradients));
        if (!float.IsFinite(gradientScale) || gradientScale <= 0)
            throw new ArgumentOutOfRangeException(nameof(gradientScale), gradientScale, "The gradient scale must be finite and positive.");

        _parameters = parameters.Pointer;
        _gradients = gradients.Pointer;
        _addend = addend is null ? null : addend.Pointer;
        _gradientScale = gradientScale;
        double norm = double.NaN;
        if (_measures)
        {
            norm = gradientScale * MeasureNorm();
            if (norm > _clipping.MaximumNorm)
                _gradientScale = (float)(gradientScale * (_clipping.MaximumNorm / norm));
            if (!double.IsFinite(norm) || Math.Min(norm, _clipping.MaximumNorm) > LargestNorm)
            {
                SkippedSteps++;
                return new StepOutcome(false, norm, SkippedSteps);
            }
        }

        StepCount++;
        BeginStep(StepCount);
        StepWorkers.Shared.Run(_updatePass, _plan.Chunks.Length, _threads);
        GC.KeepAlive(parameters);
        GC.KeepAlive(gradients);
        GC.KeepAlive(addend);
        return new StepOutcome(true, norm, SkippedSteps);
    }

    /// <summary>sum += addend, where it is trained.</summary>
    internal void Accumulate(FlatBuffer sum, FlatBuffer addend)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        CheckBuffer(sum, nameof(sum));
        CheckBuffer(addend, nameof(addend));
        _gradients = sum.Pointer;
        _addend = addend.Pointer;
        StepWorkers.Shared.Run(_sumPass, _plan.Chunks.Length, _threads);
        GC.KeepAlive(sum);
        GC.KeepAlive(addend);
    }

    /// <summary>Sets the counters when resuming, after <see cref="States"/> were filled from a checkpoint.</summary>
    /// <param name="stepCount">Steps applied before; at least 0. Bias corrections depend on it.</param>
    /// <param name="skippedSteps">Steps skipped before; at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative.</exception>
    public void Restore(long stepCount, long skippedSteps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stepCount);
        ArgumentOutOfRangeException.ThrowIfNegative(skippedSteps);
        StepCount = stepCount;
        SkippedSteps = skippedSteps;
    }

    /// <summary>Frees the states.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the states.</summary>
    /// <param name="disposing">Whether it was called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (_disposed || !disposing)
            return;
        _disposed = true;
        foreach (OptimizerState state in _states)
            state.Buffer.Dispose();
    }

    /// <summary>Prepares what all ranges of a step share, such as bias corrections.</summary>
    /// <param name="step">The number of the step, from 1.</param>
    private protected virtual void BeginStep(long step)
    {
    }

    /// <summary>Updates one range. Called from several threads at once, each with another range.</summary>
    private protected abstract void Update(in StepRange range);

    /// <summary>The first float of a state, in the order given to the constructor.</summary>
    private protected float* State(int index) => _states[index].Buffer.Pointer;

    private void CheckBuffer(FlatBuffer buffer, string name)
    {
        ArgumentNullException.ThrowIfNull(buffer, name);
        if (!Layout.IsSameAs(buffer.Layout))
            throw new ArgumentException("The buffer's layout is not the optimizer's.", name);
    }
}
