using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.RealExports.DoublePrecision;

/// <summary>Collects the nodes of a graph that is being rewritten.</summary>
internal sealed class NodeWriter(GraphProto graph)
{
    private readonly UniqueNames _names = new(graph);

    public List<NodeProto> Nodes { get; } = [];

    /// <summary>Writes a node and gives the name of its output.</summary>
    public string Node(string operatorType, string[] inputs, params (string Name, object Value)[] attributes)
    {
        string output = _names.Next($"double/{operatorType}");
        NodeAs(output, operatorType, inputs, attributes);
        return output;
    }

    /// <summary>Writes a node with an output of the given name.</summary>
    public void NodeAs(string output, string operatorType, string[] inputs, params (string Name, object Value)[] attributes) =>
        Nodes.Add(ModelBuilder.MakeNode("", operatorType, inputs, [output], attributes));

    public string Integers(params long[] values) => Add(TensorData.Vector(_names.Next("double/integers"), values));

    public string Number(double value) => Add(TensorData.Scalar(_names.Next("double/number"), value));

    public string Numbers(double[] values, params long[] shape) => Add(TensorData.Create(_names.Next("double/numbers"), values, shape));

    private string Add(TensorProto tensor)
    {
        graph.Initializer.Add(tensor);
        return tensor.Name;
    }
}
