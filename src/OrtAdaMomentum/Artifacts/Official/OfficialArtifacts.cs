using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>
/// Artifacts of the official training API, made by <c>onnxruntime.training.artifacts.generate_artifacts</c> or by this library, opened for
/// the stock runtime: training-only operators are written in ordinary ones, gradient accumulation is left to the session.
/// </summary>
public sealed class OfficialArtifacts
{
    private readonly OnnxModel _training;
    private readonly OnnxModel? _eval;
    private readonly OnnxModel? _optimizer;

    private OfficialArtifacts(OnnxModel training, OnnxModel? eval, OnnxModel? optimizer, OfficialCheckpoint checkpoint, string source)
    {
        _training = training;
        _eval = eval;
        _optimizer = optimizer;
        Checkpoint = checkpoint;
        Optimizer = optimizer is null ? null : OfficialOptimizerSettings.Read(optimizer);
        Training = OfficialConversion.Convert(training, eval, checkpoint, source);
    }

    /// <summary>What a session trains: the same gradients in the stock layout.</summary>
    public TrainingArtifacts Training { get; }

    /// <summary>The checkpoint as it was read, with its properties and the optimizer's state.</summary>
    public OfficialCheckpoint Checkpoint { get; }

    /// <summary>What the optimizer model does; null where there is none.</summary>
    public OfficialOptimizerSettings? Optimizer { get; }

    /// <summary>Opens the artifacts in a folder; <see cref="OfficialArtifactFiles.Find"/> says which names are looked for.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="prefix">What all names begin with; null finds it.</param>
    /// <exception cref="FineTuningException">A file is missing or damaged, they do not fit each other, or an operator cannot be rewritten.</exception>
    public static OfficialArtifacts Load(string directory, string? prefix = null) => Load(OfficialArtifactFiles.Find(directory, prefix));

    /// <summary>Opens artifacts.</summary>
    /// <param name="files">Where they lie.</param>
    /// <param name="options">Limits of models; null takes the defaults.</param>
    /// <exception cref="FineTuningException">A file is missing or damaged, they do not fit each other, or an operator cannot be rewritten.</exception>
    public static OfficialArtifacts Load(OfficialArtifactFiles files, OnnxLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(files);
        return new OfficialArtifacts(
            OnnxModel.Load(files.TrainingModel, options),
            files.EvalModel is { } eval ? OnnxModel.Load(eval, options) : null,
            files.OptimizerModel is { } optimizer ? OnnxModel.Load(optimizer, options) : null,
            OfficialCheckpoint.Load(files.Checkpoint),
            files.TrainingModel);
    }

    /// <summary>
    /// Writes the models as they were read and a checkpoint, for the official runtime to go on from. The folder is made when it is not there.
    /// </summary>
    /// <param name="directory">The folder.</param>
    /// <param name="checkpoint">What to go on from; null takes <see cref="Checkpoint"/>.</param>
    /// <param name="prefix">What all names begin with.</param>
    public void Save(string directory, OfficialCheckpoint? checkpoint = null, string prefix = "")
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.AsSpan().IndexOfAny('/', '\\') >= 0)
            throw new FineTuningException($"The prefix '{prefix}' must be the beginning of file names, not a path.");
        Directory.CreateDirectory(directory);
        string Path(string name) => System.IO.Path.Combine(directory, prefix + name);

        AtomicFile.WriteAllBytes(Path("training_model.onnx"), _training.ToBytes());
        if (_eval is not null)
            AtomicFile.WriteAllBytes(Path("eval_model.onnx"), _eval.ToBytes());
        if (_optimizer is not null)
            AtomicFile.WriteAllBytes(Path("optimizer_model.onnx"), _optimizer.ToBytes());
        (checkpoint ?? Checkpoint).Save(Path("checkpoint"));
    }
}
