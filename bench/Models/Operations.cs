using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Bench.Models;

/// <summary>Floating-point operations of a training step, counted from the shapes of products, convolutions and recurrent layers alone.</summary>
internal static class Operations
{
    /// <summary>One pass forward; one more for each input of such a node that a gradient has to reach.</summary>
    public static double InStep(OnnxModel model, int batch, IReadOnlySet<string> trained)
    {
        var proto = model.Proto.Clone();
        foreach (var axis in proto.Graph.Input.SelectMany(static input => input.Type.TensorType.Shape.Dim).Where(static axis => axis.DimParam.Length > 0))
            axis.DimValue = batch;
        var types = RuntimeTypes.Infer(proto);
        var reached = new HashSet<string>(trained);
        double operations = 0;
        foreach (var node in proto.Graph.Node)
        {
            if (node.Input.Any(reached.Contains))
                reached.UnionWith(node.Output);
            operations += OfNode(node, types) * (1 + node.Input.Take(2).Count(reached.Contains));
        }

        return operations;
    }

    private static double OfNode(NodeProto node, IReadOnlyDictionary<string, TensorType> types)
    {
        long[] Shape(int input) => types[node.Input[input]].StaticShape!;
        double results = 2.0 * (types[node.Output[0]].ElementCount ?? 0);
        return node.OpType switch
        {
            "Gemm" => results * Shape(1)[0],
            "MatMul" => results * Shape(0)[^1],
            "Conv" => results * Shape(1).Skip(1).Aggregate(1L, static (product, extent) => product * extent),
            "LSTM" => results * 4 * (Shape(1)[^1] + Shape(2)[^1]),
            _ => 0,
        };
    }
}
