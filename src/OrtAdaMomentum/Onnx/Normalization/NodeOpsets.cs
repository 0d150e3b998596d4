using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Normalization;

/// <summary>Which version of the standard operators a node is written in: the model's, or that of the function it came from.</summary>
internal sealed class NodeOpsets(long ofModel, IReadOnlyDictionary<string, TensorType>? types)
{
    private readonly Dictionary<NodeProto, long> _exceptions = new(ReferenceEqualityComparer.Instance);

    public long OfModel => ofModel;

    /// <summary>The types found before inlining, where the result mixes versions and the runtime cannot be asked; else null.</summary>
    public IReadOnlyDictionary<string, TensorType>? KnownTypes => types;

    public long Of(NodeProto node) => _exceptions.GetValueOrDefault(node, ofModel);

    public void Set(NodeProto node, long opset)
    {
        if (opset != ofModel)
            _exceptions[node] = opset;
    }
}
