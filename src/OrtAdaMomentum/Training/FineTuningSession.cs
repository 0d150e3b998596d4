using System.Numerics.Tensors;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Training.Data;
using OrtAdaMomentum.Training.Memory;
using OrtAdaMomentum.Training.Official;

namespace OrtAdaMomentum.Training;

/// <summary>
/// Trains a model on ONNX Runtime: forward and backward pass there, the optimizer's step here. The stock runtime shares the buffers; the
/// official training runtime copies from and to them. Members are named as in the official <c>TrainingSession</c>. Not safe for use from
/// several threads at once.
/// </summary>
public sealed partial class FineTuningSession : IDisposable
{
    private readonly TrainingArtifacts _artifacts;
    private readonly FineTuningOptions _options;
    private readonly ITrainingBackend _backend;
    private readonly FlatBuffer _states;
    private readonly FlatBuffer _nextStates;
    private FlatBuffer? _accumulated;
    private LearningRateSchedule? _schedule;
    private double _baseLearningRate;
    private long _schedulerSteps;
    private int _putAside;
    private bool _hasGradients;
    private bool _disposed;

    /// <summary>Opens the training model and fills the parameters with the model's values.</summary>
    /// <param name="artifacts">What to train.</param>
    /// <param name="options">How; null takes the defaults.</param>
    /// <exception cref="FineTuningException">
    /// An option is out of range, the execution provider or the official runtime is not there, or the artifacts are made for another backend.
    /// </exception>
    public FineTuningSession(TrainingArtifacts artifacts, FineTuningOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        _options = options ?? new FineTuningOptions();
        if (_options.Backend == TrainingBackend.Stock && artifacts.Manifest.Layout == ArtifactManifest.OfficialLayout)
            throw new FineTuningException("These artifacts are made for the official training runtime. Generate them anew in the stock layout, or train with TrainingBackend.Official.");
        Padding = BatchPadding.Of(artifacts.Manifest, _options.Padding);
        _artifacts = artifacts;
        _baseLearningRate = _options.LearningRate;
        var layout = BufferLayout.Create(Manifest.Trainable.Select(static parameter => (parameter.Name, parameter.Shape)));
        var stateLayout = BufferLayout.Create(Manifest.States.Select(static state => (state.Name, state.Shape)));
        Optimizer = _options.CreateOptimizer(layout);
        Parameters = new FlatBuffer(layout);
        Gradients = new FlatBuffer(layout);
        _states = new FlatBuffer(stateLayout);
        _nextStates = new FlatBuffer(stateLayout);
        RestoreTensors(artifacts.Initial, "the artifacts", withOptimizer: true);
        _properties.ReplaceAll(artifacts.Initial.Properties);
        _backend = _options.Backend == TrainingBackend.Official
            ? OfficialBackend.Open(artifacts, _options, Parameters, Gradients, _states, _nextStates)
            : new StockBackend(artifacts, _options, Parameters, Gradients, _states, _nextStates);
    }

    /// <summary>
    /// Opens the artifacts in a folder: the shortest way to a first step, because ONNX Runtime starts while the files are read and checked.
    /// </summary>
    /// <param name="directory">Folder that <see cref="TrainingArtifacts.Save"/> wrote.</param>
    /// <param name="options">How to train; null takes the defaults.</param>
    /// <exception cref="FineTuningException">
    /// A file is missing, damaged or of an unknown format, an option is out of range, or the execution provider is not there.
    /// </exception>
    public static FineTuningSession Open(string directory, FineTuningOptions? options = null)
    {
        options ??= new FineTuningOptions();
        var start = Task.Run(() => RuntimeWarmUp.Run(options));
        TrainingArtifacts artifacts;
        try
        {
            artifacts = TrainingArtifacts.Load(directory);
        }
        finally
        {
            // A process that ends while the native library starts may crash.
            start.Wait();
        }

        return new FineTuningSession(artifacts, options);
    }

    /// <summary>
    /// Estimates the memory that a session takes at its peak, beside what the process has with ONNX Runtime loaded and the artifacts read.
    /// </summary>
    /// <param name="artifacts">What is trained.</param>
    /// <param name="batchSize">Samples in a batch, 1 or more; every other axis that the model leaves open is taken to be as long.</param>
    /// <param name="options">How it would be trained; null takes the defaults.</param>
    /// <exception cref="Onnx.OnnxModelException">The model does not take batches of this size.</exception>
    public static MemoryEstimate EstimateMemory(TrainingArtifacts artifacts, int batchSize, FineTuningOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return EstimateMemory(artifacts, batchSize, new Dictionary<(string, int), long>(), options);
    }

    /// <summary>The same with the extents of other axes that the model leaves open, by input or target and axis.</summary>
    internal static MemoryEstimate EstimateMemory(
        TrainingArtifacts artifacts, int batchSize, IReadOnlyDictionary<(string Tensor, int Axis), long> extents, FineTuningOptions? options = null) =>
        TrainingMemory.Estimate(artifacts, batchSize, extents, RuntimeSession.TakesKernels(options ?? new FineTuningOptions()) ? KernelUse.On : KernelUse.Off);

    /// <summary>Whether this application can train on a backend: on the official one, where the native library has training code.</summary>
    public static bool IsAvailable(TrainingBackend backend) => backend == TrainingBackend.Stock || OfficialTraining.IsThere;

    /// <summary>The threads that steps are made on; null for those of the caller.</summary>
    internal TrainingThreads? Threads => _options.RunOn;

    /// <summary>What shorter samples of a batch are filled up with.</summary>
    internal BatchPadding Padding { get; }

    /// <summary>What is trained.</summary>
    public ArtifactManifest Manifest => _artifacts.Manifest;

    /// <summary>The trainable parameters, as the runtime reads them. Changes are seen by the next step.</summary>
    public FlatBuffer Parameters { get; }

    /// <summary>The gradients of the last <see cref="TrainStep"/>.</summary>
    public FlatBuffer Gradients { get; }

    /// <summary>The optimizer with its moments.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>Makes memory for a batch. Keep it and use it again.</summary>
    /// <param name="size">Number of samples.</param>
    /// <param name="like">Data to take those axes from that the model leaves open; needed only where it does.</param>
    public TrainingBatch CreateBatch(int size, IDataset? like = null) => new(Manifest, size, BatchShapes.Resolve(Manifest, size, like), Padding);

    /// <summary>
    /// Makes memory for chosen samples, and for others with the same extents. For data whose samples have extents of their own: those chosen must agree
    /// in them, but for targets of sequences, since the loss knows where they end, and inputs of <see cref="FineTuningOptions.Padding"/>. Keep it and use it again.
    /// </summary>
    /// <param name="data">The data.</param>
    /// <param name="samples">Which of its samples, one or more; they still have to be filled in.</param>
    /// <exception cref="FineTuningException">The samples do not agree, or do not fit the model.</exception>
    public TrainingBatch CreateBatch(IDataset data, ReadOnlySpan<int> samples)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (samples.IsEmpty)
            throw new ArgumentException("A batch has at least one sample.", nameof(samples));
        return new(Manifest, samples.Length, BatchShapes.Resolve(Manifest, data, samples, Padding), Padding);
    }

    /// <summary>
    /// Forward and backward pass over a batch. Gradients of several calls add up until <see cref="OptimizerStep"/> or <see cref="LazyResetGrad"/>.
    /// </summary>
    /// <returns>The loss, the mean over the batch, before any update.</returns>
    /// <exception cref="FineTuningException">The batch holds a number that is not finite or a target out of range; nothing has changed.</exception>
    public float TrainStep(TrainingBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_options.ValidateBatches)
            BatchValidation.Check(batch);
        // The runtime overwrites the gradient buffer, so what it holds is put aside before; the last batch is added by the step itself.
        if (_hasGradients)
        {
            if (_putAside == 0)
                Gradients.CopyTo(_accumulated ??= new FlatBuffer(Gradients.Layout));
            else
                Optimizer.Accumulate(_accumulated!, Gradients);
            _putAside++;
            _hasGradients = false;
        }

        float loss = _backend.Train(batch);
        if (_states.Layout.Length > 0)
            _nextStates.CopyTo(_states);
        _hasGradients = true;
        return loss;
    }

    /// <summary>Forward pass over a batch, with the model as it serves.</summary>
    public EvalOutcome EvalStep(TrainingBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_options.ValidateBatches)
            BatchValidation.Check(batch);
        return new EvalOutcome(_backend.Evaluate(batch), batch);
    }

    /// <summary>Forgets the gradients that have added up.</summary>
    public void LazyResetGrad()
    {
        _putAside = 0;
        _hasGradients = false;
    }

    /// <summary>Updates the parameters from the gradients that have added up, and forgets those.</summary>
    /// <param name="average">Whether the gradients of several batches are averaged; otherwise they are summed, as the official runtime does.</param>
    /// <returns>Whether the step was taken; one with gradients that are not finite is skipped, and nothing changes.</returns>
    /// <exception cref="InvalidOperationException">There was no <see cref="TrainStep"/> before.</exception>
    public StepOutcome OptimizerStep(bool average = false) => StepOverSum(average ? 1f / (_putAside + (_hasGradients ? 1 : 0)) : 1f);

    /// <summary>Updates the parameters from the gradients that have added up, times a factor, and forgets those.</summary>
    /// <exception cref="InvalidOperationException">There was no <see cref="TrainStep"/> before.</exception>
    internal StepOutcome StepOverSum(float factor)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_putAside == 0 && !_hasGradients)
            throw new InvalidOperationException("There are no gradients: call TrainStep before OptimizerStep.");
        var gradients = _putAside > 0 ? _accumulated! : Gradients;
        var addend = _putAside > 0 && _hasGradients ? Gradients : null;
        LazyResetGrad();
        return Optimizer.StepOverSum(Parameters, gradients, addend, factor);
    }

    /// <summary>Weighs the gradients of the last <see cref="TrainStep"/> among those that it adds up with.</summary>
    internal void WeighGradients(float weight) => TensorPrimitives.Multiply(Gradients.Span, weight, Gradients.Span);

    /// <summary>Sets the learning rate, and the one that a schedule varies.</summary>
    public void SetLearningRate(double learningRate)
    {
        Optimizer.LearningRate = learningRate;
        _baseLearningRate = learningRate;
    }

    /// <summary>The learning rate of the next step.</summary>
    public double GetLearningRate() => Optimizer.LearningRate;

    /// <summary>
    /// Sets the learning rate, and lets it rise linearly from 0 over the warm-up and then fall linearly to 0: <see cref="UseSchedule"/> with a
    /// <see cref="LinearSchedule"/>, under the official name. It goes on from the steps that the optimizer has been asked for, so that it continues
    /// where a checkpoint was loaded before.
    /// </summary>
    /// <param name="warmupStepCount">Steps of the warm-up, 0 to <paramref name="totalStepCount"/>.</param>
    /// <param name="totalStepCount">Steps of the training, 1 or more.</param>
    /// <param name="initialLearningRate">The learning rate at the end of the warm-up, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range; nothing has changed.</exception>
    public void RegisterLinearLRScheduler(long warmupStepCount, long totalStepCount, double initialLearningRate)
    {
        var schedule = new LinearSchedule(totalStepCount, warmupStepCount);
        SetLearningRate(initialLearningRate);
        UseSchedule(schedule, Optimizer.StepCount + Optimizer.SkippedSteps);
    }

    /// <summary>Lets a schedule vary the learning rate from its current value on; null holds it constant.</summary>
    public void UseSchedule(LearningRateSchedule? schedule, long stepsDone = 0)
    {
        _schedule = schedule;
        _schedulerSteps = stepsDone;
        Optimizer.LearningRate = _baseLearningRate * (schedule?.FactorAt(stepsDone) ?? 1);
    }

    /// <summary>Moves the schedule on by one step.</summary>
    public void SchedulerStep()
    {
        _schedulerSteps++;
        if (_schedule is not null)
            Optimizer.LearningRate = _baseLearningRate * _schedule.FactorAt(_schedulerSteps);
    }

    /// <summary>The trainable parameters one after the other, without padding, in the manifest's order.</summary>
    public float[] ToBuffer()
    {
        var packed = new float[Parameters.Layout.ElementCount];
        Parameters.CopyToPacked(packed);
        return packed;
    }

    /// <summary>Sets the trainable parameters from what <see cref="ToBuffer"/> gives.</summary>
    public void FromBuffer(ReadOnlySpan<float> packed) => Parameters.CopyFromPacked(packed);

    /// <summary>Frees everything. Batches made by this session are disposed by their owner, before it.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _backend.Dispose();
        Optimizer.Dispose();
        Parameters.Dispose();
        Gradients.Dispose();
        _states.Dispose();
        _nextStates.Dispose();
        _accumulated?.Dispose();
    }
}
