using Google.Protobuf;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Artifacts;

/// <summary>Everything that training a model takes, in memory or in a folder.</summary>
public sealed class TrainingArtifacts
{
    /// <summary>File with the loss and the gradients.</summary>
    public const string TrainingModelFile = "training_model.onnx";

    /// <summary>File with the loss and the model's outputs.</summary>
    public const string EvalModelFile = "eval_model.onnx";

    /// <summary>File with the AdaMomentum step in ordinary operators; in the official layout with that runtime's own optimizer.</summary>
    public const string OptimizerModelFile = "optimizer_model.onnx";

    /// <summary>File with the model as it was given, into which trained parameters are exported.</summary>
    public const string BaseModelFile = "base_model.onnx";

    /// <summary>File with the parameters as the model had them.</summary>
    public const string CheckpointFile = "checkpoint";

    /// <summary>File of the official layout with the names of the parameters, where it was asked for.</summary>
    public const string NominalCheckpointFile = "nominal_checkpoint";

    /// <summary>File that describes the artifacts.</summary>
    public const string ManifestFile = "artifacts.json";

    private readonly Func<byte[]> _baseModel;
    private readonly Action<Stream> _writeBaseModel;
    private readonly string _prefix;

    private TrainingArtifacts(
        ArtifactManifest manifest, byte[] training, byte[] eval, byte[] optimizer, Func<byte[]> baseModel, Action<Stream> writeBaseModel, Checkpoint initial,
        string prefix = "")
    {
        _prefix = prefix;
        Manifest = manifest;
        TrainingModel = training;
        EvalModel = eval;
        OptimizerStepModel = optimizer;
        _baseModel = baseModel;
        _writeBaseModel = writeBaseModel;
        Initial = initial;
    }

    /// <summary>What the artifacts are.</summary>
    public ArtifactManifest Manifest { get; }

    /// <summary>The training model, a self-contained ONNX file.</summary>
    public ReadOnlyMemory<byte> TrainingModel { get; }

    /// <summary>The eval model, a self-contained ONNX file.</summary>
    public ReadOnlyMemory<byte> EvalModel { get; }

    /// <summary>The optimizer's step, a self-contained ONNX file: AdaMomentum in ordinary operators, or the official runtime's own.</summary>
    public ReadOnlyMemory<byte> OptimizerStepModel { get; }

    /// <summary>
    /// The model as it was given, made self-contained. Training does not need it, so it is not kept in memory: each call
    /// reads or makes it anew.
    /// </summary>
    /// <exception cref="FineTuningException">The artifacts' file has been changed or removed since they were loaded.</exception>
    public byte[] ReadBaseModel() => _baseModel();

    /// <summary>The parameters as the model had them, frozen ones and running statistics too; null in the stock layout.</summary>
    public OfficialCheckpoint? OfficialCheckpoint { get; private init; }

    internal Checkpoint Initial { get; }

    private bool WritesNominalCheckpoint { get; init; }

    /// <summary>Reads artifacts from a folder and checks every file against the hash in the manifest.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="prefix">What the names of the files begin with.</param>
    /// <exception cref="FineTuningException">A file is missing, damaged or of an unknown format.</exception>
    public static TrainingArtifacts Load(string directory, string prefix = "")
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(prefix);
        string manifestPath = Path.Combine(directory, prefix + ManifestFile);
        if (!File.Exists(manifestPath))
            throw new FineTuningException($"{directory}: there is no {prefix}{ManifestFile}, so this is no folder of training artifacts.");
        var manifest = ArtifactManifest.FromJson(File.ReadAllBytes(manifestPath), manifestPath);
        using (var baseModel = Open(BaseModelFile))
            Check(BaseModelFile, ContentHash.Of(baseModel));
        byte[] training = Read(TrainingModelFile), checkpoint = Read(CheckpointFile);
        string checkpointPath = Path.Combine(directory, prefix + CheckpointFile);
        var official = manifest.Layout == ArtifactManifest.OfficialLayout ? OfficialCheckpoint.FromBytes(checkpoint, checkpointPath) : null;
        return new TrainingArtifacts(
            manifest, training, Read(EvalModelFile), Read(OptimizerModelFile), () => Read(BaseModelFile), stream => stream.Write(Read(BaseModelFile)),
            official is null ? Checkpoint.FromBytes(checkpoint, checkpointPath) : OfficialInitial.Of(official, manifest, training, checkpointPath), prefix)
        {
            OfficialCheckpoint = official,
            WritesNominalCheckpoint = manifest.Files.ContainsKey(prefix + NominalCheckpointFile),
        };

        FileStream Open(string file)
        {
            string path = Path.Combine(directory, prefix + file);
            return File.Exists(path) ? File.OpenRead(path) : throw new FineTuningException($"{path}: the file is missing. Generate the artifacts anew.");
        }

        byte[] Read(string file)
        {
            using var stream = Open(file);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            Check(file, ContentHash.Of(bytes));
            return bytes;
        }

        void Check(string file, string hash)
        {
            if (!manifest.Files.TryGetValue(prefix + file, out string? expected) || hash != expected)
                throw new FineTuningException($"{Path.Combine(directory, prefix + file)}: the content is not what {prefix}{ManifestFile} says (SHA-256 {hash}, expected {expected}). Generate the artifacts anew.");
        }
    }

    /// <summary>Writes the artifacts into a folder, which is made when it is not there. The manifest is written last.</summary>
    public void Save(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        Directory.CreateDirectory(directory);
        var files = new Dictionary<string, string>();
        void Write(string file, Action<Stream> write) => files[_prefix + file] = AtomicFile.WriteHashed(Path.Combine(directory, _prefix + file), write);

        Write(TrainingModelFile, stream => stream.Write(TrainingModel.Span));
        Write(EvalModelFile, stream => stream.Write(EvalModel.Span));
        Write(OptimizerModelFile, stream => stream.Write(OptimizerStepModel.Span));
        Write(BaseModelFile, _writeBaseModel);
        if (OfficialCheckpoint is { } official)
            Write(CheckpointFile, stream => stream.Write(official.ToBytes()));
        else
            Write(CheckpointFile, Initial.WriteTo);
        if (WritesNominalCheckpoint)
            Write(NominalCheckpointFile, stream => stream.Write(OfficialLayout.Nominal(OfficialCheckpoint!).ToBytes()));
        else
            File.Delete(Path.Combine(directory, _prefix + NominalCheckpointFile));
        AtomicFile.WriteAllBytes(Path.Combine(directory, _prefix + ManifestFile), (Manifest with { Files = files }).ToJson());
    }

    /// <summary>
    /// Artifacts of the stock layout. Their checkpoints are those of the training model with the hash <paramref name="origin"/>, where they were made of one.
    /// </summary>
    internal static TrainingArtifacts Create(
        ArtifactManifest manifest, ModelProto training, ModelProto eval, ModelProto optimizer, OnnxModel baseModel, IReadOnlyDictionary<string, float[]> initial,
        string? origin = null)
    {
        var tensors = manifest.Trainable.Select(parameter => new CheckpointTensor(Checkpoint.ParameterSection, parameter.Name, parameter.Shape, initial[parameter.Name]))
            .Concat(manifest.States.Select(state => new CheckpointTensor(Checkpoint.StateSection, state.Name, state.Shape, initial[state.Name])));
        byte[] trainingBytes = training.ToByteArray();
        return new TrainingArtifacts(
            manifest, trainingBytes, eval.ToByteArray(), optimizer.ToByteArray(), baseModel.ToBytes, baseModel.Proto.WriteTo,
            new Checkpoint { Model = origin ?? ContentHash.Of(trainingBytes), Tensors = [.. tensors] });
    }
    internal static TrainingArtifacts CreateOfficial(
        ArtifactManifest manifest, ModelProto training, ModelProto eval, ModelProto optimizer, OnnxModel baseModel, OfficialCheckpoint checkpoint,
        OfficialLayoutOptions options)
    {
        byte[] trainingBytes = training.ToByteArray();
        return new TrainingArtifacts(
            manifest, trainingBytes, eval.ToByteArray(), optimizer.ToByteArray(), baseModel.ToBytes, baseModel.Proto.WriteTo,
            OfficialInitial.Of(checkpoint, manifest, trainingBytes, CheckpointFile), options.Prefix)
        {
            OfficialCheckpoint = checkpoint,
            WritesNominalCheckpoint = options.NominalCheckpoint,
        };
    }
}
