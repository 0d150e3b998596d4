using Google.Protobuf;
using OrtAdaMomentum.Onnx.Loading;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Onnx;

/// <summary>A neural network in the ONNX format, checked on the way in: what ONNX Runtime gets to see has passed through here.</summary>
public sealed class OnnxModel
{
    internal OnnxModel(ModelProto proto, string source)
    {
        Proto = proto;
        Source = source;
    }

    /// <summary>Where the model came from: a path, or the name given with the bytes. For messages only.</summary>
    public string Source { get; }

    /// <summary>Version of the file format.</summary>
    public long IrVersion => Proto.IrVersion;

    /// <summary>Version of the standard operators (domain <c>ai.onnx</c>) that the model is written in; 0 when it imports none.</summary>
    public long Opset => OpsetByDomain.GetValueOrDefault(OnnxDomains.Standard);

    /// <summary>Versions of all imported operator sets. The standard domain has the name "".</summary>
    public IReadOnlyDictionary<string, long> OpsetByDomain => OnnxDomains.Imports(Proto.OpsetImport);

    /// <summary>Name of the tool that wrote the model; may be empty.</summary>
    public string ProducerName => Proto.ProducerName;

    /// <summary>Version of the tool that wrote the model; may be empty.</summary>
    public string ProducerVersion => Proto.ProducerVersion;

    /// <summary>Name of the graph; may be empty.</summary>
    public string GraphName => Proto.Graph.Name;

    /// <summary>What a caller has to supply: the graph's inputs without those that have a default value in the file.</summary>
    public IReadOnlyList<OnnxValue> Inputs
    {
        get
        {
            var initializers = Proto.Graph.Initializer.Select(static tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
            return [.. Proto.Graph.Input.Where(input => !initializers.Contains(input.Name)).Select(TensorTypes.ToValue)];
        }
    }

    /// <summary>What the model computes.</summary>
    public IReadOnlyList<OnnxValue> Outputs => [.. Proto.Graph.Output.Select(TensorTypes.ToValue)];

    /// <summary>Free-form properties that the producer stored.</summary>
    public IReadOnlyDictionary<string, string> Metadata
    {
        get
        {
            var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (StringStringEntryProto entry in Proto.MetadataProps)
                metadata[entry.Key] = entry.Value;
            return metadata;
        }
    }

    /// <summary>Number of nodes in the main graph.</summary>
    public int NodeCount => Proto.Graph.Node.Count;

    /// <summary>Number of elements in all floating point initializers of the main graph.</summary>
    public long ParameterCount => Proto.Graph.Initializer
        .Where(static tensor => ((ElementType)tensor.DataType).IsFloatingPoint())
        .Sum(static tensor => TensorData.ElementCount(tensor));

    /// <summary>How often each operator occurs in the main graph; operators of other domains than the standard one as <c>domain.name</c>.</summary>
    public IReadOnlyDictionary<string, int> OperatorCounts => Proto.Graph.Node
        .CountBy(static node => OnnxDomains.QualifiedName(node), StringComparer.Ordinal)
        .OrderByDescending(static pair => pair.Value).ThenBy(static pair => pair.Key, StringComparer.Ordinal)
        .ToDictionary(StringComparer.Ordinal);

    internal ModelProto Proto { get; }

    /// <summary>Reads a model file.</summary>
    /// <exception cref="OnnxModelException">The file is not a usable model; the message says why.</exception>
    public static OnnxModel Load(string path, OnnxLoadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ModelLoader.Load(path, options ?? OnnxLoadOptions.Default);
    }

    /// <summary>Reads a model from memory. Weights in other files are refused: there is no folder for them to be in.</summary>
    /// <param name="bytes">The content of a model file.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="source">How messages call the model.</param>
    /// <exception cref="OnnxModelException">The bytes are not a usable model; the message says why.</exception>
    public static OnnxModel Load(ReadOnlyMemory<byte> bytes, OnnxLoadOptions? options = null, string source = "model")
    {
        ArgumentNullException.ThrowIfNull(source);
        return ModelLoader.Load(bytes, options ?? OnnxLoadOptions.Default, source);
    }

    /// <summary>Writes the model to a file, which shows either its whole old or its whole new content whatever happens meanwhile.</summary>
    public void Save(string path) => AtomicFile.Write(path, stream => Proto.WriteTo(stream));

    /// <summary>The content of a model file.</summary>
    public byte[] ToBytes() => Proto.ToByteArray();
}
