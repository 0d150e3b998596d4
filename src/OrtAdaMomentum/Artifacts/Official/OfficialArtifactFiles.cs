namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>The files of official artifacts.</summary>
/// <param name="TrainingModel">Path of the training model.</param>
/// <param name="Checkpoint">Path of the checkpoint.</param>
public sealed record OfficialArtifactFiles(string TrainingModel, string Checkpoint)
{
    private const string TrainingModelName = "training_model.onnx";

    /// <summary>Path of the eval model; null where there is none.</summary>
    public string? EvalModel { get; init; }

    /// <summary>Path of the optimizer model; null where there is none.</summary>
    public string? OptimizerModel { get; init; }

    /// <summary>What the names of all files begin with; empty where the training model has a name of another kind.</summary>
    public string Prefix => Path.GetFileName(TrainingModel) is var name && name.EndsWith(TrainingModelName, StringComparison.Ordinal) ? name[..^TrainingModelName.Length] : string.Empty;

    /// <summary>Whether a folder holds official artifacts, and not this library's own.</summary>
    public static bool AreIn(string directory) =>
        Directory.Exists(directory) && !File.Exists(Path.Combine(directory, TrainingArtifacts.ManifestFile)) && TrainingModels(directory).Length > 0;

    /// <summary>
    /// Finds the files in a folder by the names that the official tool gives them: <c>training_model.onnx</c>, <c>eval_model.onnx</c>,
    /// <c>optimizer_model.onnx</c> (also <c>adamw.onnx</c> or <c>sgd.onnx</c>) and <c>checkpoint</c> (also <c>checkpoint.ckpt</c>), all with one
    /// prefix.
    /// </summary>
    /// <param name="directory">The folder.</param>
    /// <param name="prefix">What all names begin with; null finds it.</param>
    /// <exception cref="FineTuningException">Training model or checkpoint are missing, or there are several sets and no prefix is given.</exception>
    public static OfficialArtifactFiles Find(string directory, string? prefix = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory))
            throw new FineTuningException($"{directory}: there is no such folder.");
        if (prefix is null)
        {
            string[] found = [.. TrainingModels(directory).Select(static path => Path.GetFileName(path)[..^TrainingModelName.Length])];
            prefix = found switch
            {
                [var one] => one,
                [] => throw new FineTuningException($"{directory}: there is no {TrainingModelName}, with or without a prefix."),
                _ => throw new FineTuningException(
                    $"{directory}: there are several sets of artifacts, with the prefixes {string.Join(", ", found.Select(static name => $"'{name}'"))}. Give one of these."),
            };
        }

        string? Existing(params string[] names) => names.Select(name => Path.Combine(directory, prefix + name)).FirstOrDefault(File.Exists);
        return new OfficialArtifactFiles(
            Existing(TrainingModelName) ?? throw Missing(TrainingModelName),
            Existing("checkpoint", "checkpoint.ckpt") ?? throw Missing("checkpoint"))
        {
            EvalModel = Existing("eval_model.onnx"),
            OptimizerModel = Existing("optimizer_model.onnx", "adamw.onnx", "sgd.onnx"),
        };

        FineTuningException Missing(string name) => new($"{Path.Combine(directory, prefix + name)}: the file is missing.");
    }

    private static string[] TrainingModels(string directory) =>
        [.. Directory.GetFiles(directory, "*" + TrainingModelName).Order(StringComparer.Ordinal)];
}
