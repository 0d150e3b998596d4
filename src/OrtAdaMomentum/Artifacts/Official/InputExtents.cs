using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>
/// The official tool often leaves all axes of an input open. Where the input is multiplied with a parameter, that fixes one: then a batch can
/// be made without data to take its shape from.
/// </summary>
internal static class InputExtents
{
    /// <summary>The declaration of an input with what follows from its readers.</summary>
    public static ValueInfoProto Narrow(ValueInfoProto input, GraphProto graph, IReadOnlyDictionary<string, OfficialTensor> parameters)
    {
        if (TensorTypes.FromProto(input.Type) is not { Shape: { Count: > 1 } shape } type || shape[^1].IsStatic)
            return input;
        foreach (var node in graph.Node.Where(node => node.OpType is "Gemm" or "MatMul" && node.Input[0] == input.Name && OnnxDomains.IsStandard(node)))
        {
            if (node.IntOr("transA", 0) == 0 && parameters.TryGetValue(node.Input[1], out var factor) && factor.Shape.Count == 2)
                return TensorTypes.ToProto(input.Name, type with { Shape = [.. shape.SkipLast(1), factor.Shape[node.IntOr("transB", 0) == 0 ? 0 : 1]] });
        }

        return input;
    }
}
