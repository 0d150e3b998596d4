using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Personalization;

/// <summary>Options of the fine-tuning service, checked when the host starts.</summary>
public sealed class FineTuningServiceOptions
{
    /// <summary>The ONNX model to start from. Required. When the file changes, the service starts anew from the new model.</summary>
    public string ModelPath { get; set; } = "";

    /// <summary>Folder for the samples, the model versions and the run under way. Required. One service at a time may use it.</summary>
    public string DataDirectory { get; set; } = "";

    /// <summary>
    /// Name of the loss: <c>cross-entropy</c> (one class for each sample or position), <c>soft-cross-entropy</c> (a probability for each class),
    /// <c>binary-cross-entropy</c> (yes or no for each element), <c>mse</c>, <c>l1</c> or <c>huber</c> (numbers), or <c>ctc</c> (sequences of classes). One about
    /// numbers or sequences takes another <see cref="GateOptions.Metric"/> too. Default: <c>cross-entropy</c>.
    /// </summary>
    public string Loss { get; set; } = "cross-entropy";

    /// <summary>Name of the output that the loss is attached to, and that is measured and watched; null, the default, takes the first.</summary>
    public string? Output { get; set; }

    /// <summary>What the output of a model is whose loss is <c>ctc</c>.</summary>
    public CtcOptions Ctc { get; set; } = new();

    /// <summary>
    /// Greatest extents that a sample may have on axes that the model leaves open, 1 or more each. An axis is called by its name in the model (<c>time</c>) or by its
    /// tensor and its place there without the batch (<c>labels[0]</c>). Longer samples, and requests to predict, are refused. None, the default, takes any.
    /// </summary>
    public IDictionary<string, long> MaximumExtents { get; } = new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>
    /// Inputs that are filled up to the longest of a batch, and the value to do that with: for models that an input tells where a sample ends, such as a mask. A run
    /// looks first whether the model really leaves out what is filled up. None, the default, makes batches of samples of equal extents.
    /// </summary>
    public IDictionary<string, double> Padding { get; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>Patterns of the parameters that train, such as <c>head.*</c> or <c>!*.bias</c>; none trains all.</summary>
    public IList<string> Trainable { get; } = [];

    /// <summary>Name of the optimizer: <c>adamomentum</c>, <c>adamw</c> or <c>sgd</c>. Default: <c>adamomentum</c>.</summary>
    public string Optimizer { get; set; } = "adamomentum";

    /// <summary>
    /// Learning rate, greater than 0. Default: 0.0001, which suits AdaMomentum on a model that is to keep what it knows; an optimizer like Adam takes about
    /// three times as much to learn as much.
    /// </summary>
    public double LearningRate { get; set; } = 1e-4;

    /// <summary>Weight decay, 0 or more. Default: 0.</summary>
    public double WeightDecay { get; set; }

    /// <summary>Name of the learning-rate schedule: <c>constant</c>, <c>linear</c> or <c>cosine</c>. Default: <c>cosine</c>.</summary>
    public string Schedule { get; set; } = "cosine";

    /// <summary>Optimizer steps over which the learning rate rises from zero, 0 or more. Default: 20, because AdaMomentum's first steps are the longest.</summary>
    public int WarmupSteps { get; set; } = 20;

    /// <summary>Passes over the samples in a run, 1 or more. Default: 3.</summary>
    public int Epochs { get; set; } = 3;

    /// <summary>Samples per step, 1 or more. Default: 32.</summary>
    public int BatchSize { get; set; } = 32;

    /// <summary>Decides the order of samples and the choice of rehearsal samples. Default: 1.</summary>
    public ulong Seed { get; set; } = 1;

    /// <summary>New samples that start a run, 1 or more. Default: 200.</summary>
    public int MinimumSamples { get; set; } = 200;

    /// <summary>Samples that are kept, <see cref="MinimumSamples"/> or more; which go first is decided by <see cref="Retention"/>. Default: 20000.</summary>
    public int MaximumSamples { get; set; } = 20_000;

    /// <summary>Bytes of samples that are kept, 1 or more; which go first is decided by <see cref="Retention"/>. Default: 1 GiB.</summary>
    public long MaximumSampleBytes { get; set; } = 1L << 30;

    /// <summary>How long a sample is kept, 1 minute or more; null for ever. Default: null.</summary>
    public TimeSpan? MaximumSampleAge { get; set; }

    /// <summary>Share of <see cref="MaximumSamples"/> that samples without a target may take, 0 to 1. Default: 0.25.</summary>
    public double UnlabelledShare { get; set; } = 0.25;

    /// <summary>Which samples go when there are too many. Default: the oldest.</summary>
    public RetentionStrategy Retention { get; set; }

    /// <summary>How the content of stored samples is made smaller. Default: not at all.</summary>
    public SampleCompression Compression { get; set; }

    /// <summary>Encryption of the stored samples.</summary>
    public EncryptionOptions Encryption { get; set; } = new();

    /// <summary>Which of the samples that earlier runs used a run trains on again.</summary>
    public ReplayOptions Replay { get; set; } = new();

    /// <summary>Share of the samples that is held out to measure on, greater than 0 and less than 1. A sample's role is decided when it comes in. Default: 0.2.</summary>
    public double ValidationShare { get; set; } = 0.2;

    /// <summary>
    /// Share of rehearsal samples in a run, or as much of it as the host supplies, 0 up to but without 1. Default: 0.75, three for each new sample.
    /// </summary>
    public double ReplayShare { get; set; } = 0.75;

    /// <summary>Samples that may wait for the store before those who bring them have to wait, 1 or more. Default: 1024.</summary>
    public int QueueCapacity { get; set; } = 1024;

    /// <summary>
    /// Bytes of the samples that may wait for the store or be on their way into it, 1 or more, before those who bring more have to wait. A single sample that is
    /// larger is taken when there is no other. Default: 64 MiB, which is less than <see cref="QueueCapacity"/> lets in where samples are larger than 64 KiB.
    /// </summary>
    public long QueueCapacityBytes { get; set; } = 64L << 20;

    /// <summary>How many of the newest accepted versions are kept, and of the newest refused ones, beside the current one, its parent, its base and the one that was current before. 2 or more. Default: 5.</summary>
    public int KeepVersions { get; set; } = 5;

    /// <summary>Optimizer steps between checkpoints; 0 writes one after each epoch. Default: 100.</summary>
    public int CheckpointEverySteps { get; set; } = 100;

    /// <summary>Threads of training and of serving, each; 0 lets the runtime choose. Default: 0.</summary>
    public int Threads { get; set; }

    /// <summary>How often the trigger is asked when no samples come, 1 second to 1 day. Default: one minute.</summary>
    public TimeSpan TriggerInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>When training may run.</summary>
    public TrainingConditionOptions Conditions { get; set; } = new();

    /// <summary>When a run ends before its last epoch.</summary>
    public EarlyStoppingOptions EarlyStopping { get; set; } = new();

    /// <summary>What limits the harm of wrong labels.</summary>
    public RobustnessOptions Robustness { get; set; } = new();

    /// <summary>What happens when a run fails.</summary>
    public FailureOptions Failure { get; set; } = new();

    /// <summary>What training may take of the machine while it runs.</summary>
    public TrainingBudgetOptions Budget { get; set; } = new();

    /// <summary>When a candidate replaces the current version.</summary>
    public GateOptions Gate { get; set; } = new();

    /// <summary>How a version is watched after it was promoted.</summary>
    public WatchOptions Watch { get; set; } = new();

    /// <summary>How drift is measured.</summary>
    public DriftOptions Drift { get; set; } = new();

    /// <summary>Takes over what can only be set at the start, and says what of it should have changed.</summary>
    internal IReadOnlyList<string> KeepWhatIsFixed(FineTuningServiceOptions atStart)
    {
        var changed = new List<string>();
        ModelPath = Keep(nameof(ModelPath), ModelPath, atStart.ModelPath);
        DataDirectory = Keep(nameof(DataDirectory), DataDirectory, atStart.DataDirectory);
        Loss = Keep(nameof(Loss), Loss, atStart.Loss);
        Output = Keep(nameof(Output), Output, atStart.Output);
        Threads = Keep(nameof(Threads), Threads, atStart.Threads);
        QueueCapacity = Keep(nameof(QueueCapacity), QueueCapacity, atStart.QueueCapacity);
        QueueCapacityBytes = Keep(nameof(QueueCapacityBytes), QueueCapacityBytes, atStart.QueueCapacityBytes);
        Ctc = Keep(nameof(Ctc), Ctc, atStart.Ctc);
        KeepAll(nameof(MaximumExtents), MaximumExtents, atStart.MaximumExtents);
        KeepAll(nameof(Padding), Padding, atStart.Padding);
        if (!Encryption.IsSame(atStart.Encryption))
            changed.Add(nameof(Encryption));
        Encryption = atStart.Encryption;
        return changed;

        T Keep<T>(string name, T now, T before)
        {
            if (!EqualityComparer<T>.Default.Equals(now, before))
                changed.Add(name);
            return before;
        }

        void KeepAll<T>(string name, IDictionary<string, T> now, IDictionary<string, T> before)
        {
            if (now.Count != before.Count || now.Except(before).Any())
                changed.Add(name);
            now.Clear();
            foreach (var entry in before)
                now.Add(entry);
        }
    }

    internal Loss CreateLoss() => LossRegistry.Create(Loss) switch
    {
        CtcLoss ctc => ctc with { Blank = Ctc.Blank, TimeFirst = Ctc.TimeFirst, WithInputLengths = Padding.Count > 0 },
        var loss => loss,
    };

    internal SampleLimits SampleLimits => new(MaximumSamples, MaximumSampleBytes, MaximumSampleAge)
    {
        Retention = Retention,
        Unlabelled = (int)(MaximumSamples * UnlabelledShare),
    };
}
