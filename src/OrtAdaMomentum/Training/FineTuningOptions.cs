using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Training.Official;

namespace OrtAdaMomentum.Training;

/// <summary>How a session trains.</summary>
public sealed record FineTuningOptions
{
    /// <summary>What executes the graphs. Default: the stock runtime.</summary>
    public TrainingBackend Backend { get; init; } = TrainingBackend.Stock;

    /// <summary>What computes. Default: the processor.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;

    /// <summary>Threads of one operator; 0 takes one per physical core.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Whether this library's own kernels take part, where they win against ordinary operators: on the processor only. Default: yes. Gradients
    /// differ by rounding.
    /// </summary>
    public KernelUse Kernels { get; init; } = KernelUse.On;

    /// <summary>Name of the optimizer: <c>adamomentum</c> (default), <c>adamw</c> or <c>sgd</c>.</summary>
    public string Optimizer { get; init; } = "adamomentum";

    /// <summary>Options of AdaMomentum beyond learning rate and weight decay, which are taken from here instead; null takes the defaults.</summary>
    public AdaMomentumOptions? AdaMomentum { get; init; }

    /// <summary>Options of AdamW beyond learning rate and weight decay, which are taken from here instead; null takes the defaults.</summary>
    public AdamWOptions? AdamW { get; init; }

    /// <summary>Options of SGD beyond learning rate and weight decay, which are taken from here instead; null takes a momentum of 0.9.</summary>
    public SgdOptions? Sgd { get; init; }

    /// <summary>Step size, 0 or more. Default: 0.001.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Weight decay, 0 or more. Default: none.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Clipping, threads and parameter groups of the optimizer.</summary>
    public OptimizerSettings OptimizerSettings { get; init; } = new();

    /// <summary>
    /// Whether every batch is checked before it is used: numbers finite, class indices in range. Default: yes. The check reads the batch once.
    /// </summary>
    public bool ValidateBatches { get; init; } = true;

    /// <summary>
    /// Inputs that are filled up to the longest of a batch, and the value to do that with, for data whose samples have extents of their own. Only for models that
    /// another input tells where a sample ends, and that leave out what is behind it; <see cref="Trainer"/> looks whether the model does. The loss has to leave it out too: a
    /// target must not be as long as the input, and one of sequences has to begin with the number of time steps (<see cref="Losses.CtcLoss.WithInputLengths"/>).
    /// None, the default, makes batches of samples of equal extents.
    /// </summary>
    public IReadOnlyDictionary<string, double> Padding { get; init; } = new Dictionary<string, double>();

    /// <summary>
    /// Seed of what training draws at random, such as which values Dropout leaves out; null draws other numbers in every session. The stock backend gives
    /// it to every node that has no seed of its own; the official runtime is given it for the whole process. The order of samples has
    /// <see cref="TrainingPlan.Seed"/>.
    /// </summary>
    public long? Seed { get; init; }

    /// <summary>Opens another runtime in the place of the official one; null opens that.</summary>
    internal Func<OfficialSessionFiles, IOfficialTraining>? OfficialRuntime { get; init; }

    /// <summary>The threads to compute on; null lets the runtime and the caller bring their own.</summary>
    internal TrainingThreads? RunOn { get; init; }

    internal Optimizer CreateOptimizer(BufferLayout layout)
    {
        RequireOptimizer(AdaMomentum, "adamomentum", nameof(AdaMomentum));
        RequireOptimizer(AdamW, "adamw", nameof(AdamW));
        RequireOptimizer(Sgd, "sgd", "SGD");
        if (AdaMomentum is { } adaMomentum)
            return new AdaMomentum(layout, adaMomentum with { LearningRate = LearningRate, WeightDecay = WeightDecay }, OptimizerSettings);
        if (AdamW is { } adamW)
            return new AdamW(layout, adamW with { LearningRate = LearningRate, WeightDecay = WeightDecay }, OptimizerSettings);
        return Sgd is { } sgd
            ? new Sgd(layout, sgd with { LearningRate = LearningRate, WeightDecay = WeightDecay }, OptimizerSettings)
            : OptimizerFactory.Create(Optimizer, layout, LearningRate, WeightDecay, OptimizerSettings);
    }

    private void RequireOptimizer(object? own, string name, string called)
    {
        if (own is not null && Optimizer != name)
            throw new FineTuningException($"Options of {called} are given, but the optimizer is '{Optimizer}'.");
    }
}
