using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>Types of the values in a graph inside a node, which the runtime tells of the main graph only: the inner graph is asked about as one.</summary>
internal static class BodyTypes
{
    /// <summary>The type of every tensor that the graph computes or takes in, by name.</summary>
    /// <param name="body">The graph, at the internal opset.</param>
    /// <param name="inputs">Types of its inputs.</param>
    /// <param name="typeOf">The type of a value that the graph reads from around it.</param>
    /// <param name="constantOf">The constant that such a value is; null for one that is computed.</param>
    public static IReadOnlyDictionary<string, TensorType> Infer(
        GraphProto body, IReadOnlyList<TensorType> inputs, Func<string, TensorType> typeOf, Func<string, TensorProto?> constantOf)
    {
        var graph = new GraphProto { Name = "body" };
        graph.Node.AddRange(body.Node);
        graph.Initializer.AddRange(body.Initializer);
        graph.SparseInitializer.AddRange(body.SparseInitializer);
        graph.ValueInfo.AddRange(body.ValueInfo);
        graph.Output.AddRange(body.Output.Select(static output => new ValueInfoProto { Name = output.Name }));
        for (int index = 0; index < inputs.Count; index++)
            graph.Input.Add(TensorTypes.ToProto(body.Input[index].Name, inputs[index]));
        foreach (string name in SubGraphs.Captures(body).Distinct())
        {
            if (constantOf(name) is { } constant)
                graph.Initializer.Add(constant);
            else
                graph.Input.Add(TensorTypes.ToProto(name, typeOf(name)));
        }

        var model = new ModelProto { IrVersion = ModelNormalizer.TargetIrVersion, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxDomains.Standard, Version = ModelNormalizer.TargetOpset });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxDomains.Microsoft, Version = 1 });
        return RuntimeTypes.Infer(model);
    }
}
