using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>
/// A checkpoint of the official training API: the flatbuffer of <c>CheckpointState</c>, version 2, with what of it lies in an external file.
/// </summary>
public sealed record OfficialCheckpoint
{
    /// <summary>Ending of the external file, which lies beside the checkpoint.</summary>
    public const string ExternalFileSuffix = ".data";

    /// <summary>The parameters that train, in the file's order.</summary>
    public IReadOnlyList<OfficialTensor> TrainableParameters { get; init; } = [];

    /// <summary>The parameters that do not train, in the file's order.</summary>
    public IReadOnlyList<OfficialTensor> FrozenParameters { get; init; } = [];

    /// <summary>Whether it only names parameters and their types: the values come later, from a buffer.</summary>
    public bool IsNominal { get; init; }

    /// <summary>
    /// Whether parameters lie in an external file: <see cref="OfficialTensor.IsExternal"/> says which. A file without any such parameter may
    /// still say so.
    /// </summary>
    public bool HasExternalData { get; init; }

    /// <summary>State of the optimizer; the official runtime writes one group named <c>group0</c>.</summary>
    public IReadOnlyList<OfficialOptimizerGroup> OptimizerGroups { get; init; } = [];

    /// <summary>What the application has put beside.</summary>
    public OfficialProperties Properties { get; init; } = new();

    /// <summary>Reads a checkpoint with its external file.</summary>
    /// <exception cref="FineTuningException">There is no such file, or it is no intact checkpoint of version 2; the message says what is wrong and where.</exception>
    public static OfficialCheckpoint Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            long length = new FileInfo(path).Length;
            if (length > Array.MaxLength)
                throw new FineTuningException($"{path}: {length} bytes are no checkpoint; one has at most {Array.MaxLength}.");
            return OfficialCheckpointReader.Read(File.ReadAllBytes(path), path, Path.GetFullPath(path) + ExternalFileSuffix);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new FineTuningException($"{path}: the checkpoint cannot be read: {problem.Message}", problem);
        }
    }

    /// <summary>Reads a checkpoint from memory. The tensors go on using the bytes, which must not change.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="source">Where it came from, for messages.</param>
    /// <exception cref="FineTuningException">It is no intact checkpoint of version 2, or has data in an external file.</exception>
    public static OfficialCheckpoint FromBytes(ReadOnlyMemory<byte> bytes, string source)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        return OfficialCheckpointReader.Read(bytes, source, externalPath: null);
    }

    /// <summary>
    /// Writes the checkpoint and, where a parameter is external, the file beside it. Each of the two is either the old or the new one, never
    /// half; the external one is written first.
    /// </summary>
    /// <exception cref="FineTuningException">It would not be read back: names twice, data that does not fit its shape, more than 2 GiB in the file itself.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var external = ExternalTensors.Plan(this);
        byte[] bytes = OfficialCheckpointWriter.Write(this, external.Offsets, path);
        if (external.Offsets.Count > 0)
            AtomicFile.Write(path + ExternalFileSuffix, external.WriteTo);
        AtomicFile.WriteAllBytes(path, bytes);
    }

    /// <summary>The checkpoint as one file.</summary>
    /// <exception cref="FineTuningException">A parameter is external, or the checkpoint would not be read back.</exception>
    public byte[] ToBytes()
    {
        const string target = "the checkpoint";
        if (TrainableParameters.Concat(FrozenParameters).FirstOrDefault(static tensor => tensor.IsExternal) is { } external)
            throw new FineTuningException($"The parameter '{external.Name}' is to lie in an external file, so the checkpoint cannot be given as bytes: save it to a path.");
        return OfficialCheckpointWriter.Write(this, new Dictionary<OfficialTensor, long>(ReferenceEqualityComparer.Instance), target);
    }
}
