using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.RealExports.DoublePrecision;

/// <summary>Collects the nodes of a graph that is being rewritten.</summary>
internal sealed class NodeWriter(GraphProto graph)
{
    private readonly UniqueNames _names = new(graph);
    private int _count;

    public List<NodeProto> Nodes { get; } = [];

    /// <summary>Writes a node and gives the name of its output.</summary>
    public string Node(string operatorType, string[] inputs, params (string Name, object Value)[] attributes)
    {
        string output = Name(operatorType);
        NodeAs(output, operatorType, inputs, attributes);
        return output;
    }

    /// <summary>Writes a node with an output of the given name.</summary>
    public void NodeAs(string output, string operatorType, string[] inputs, params (string Name, object Value)[] attributes) =>
        Nodes.Add(ModelBuilder.MakeNode("", operatorType, inputs, [output], attributes));

    public string Integers(params long[] values) => Add(TensorData.Vector(Name("integers"), values));

    public string Integer(long value) => Add(TensorData.Create(Name("integer"), new[] { value }));

    public string Number(double value) => Add(TensorData.Scalar(Name("number"), value));

    public string Numbers(double[] values, params long[] shape) => Add(TensorData.Create(Name("numbers"), values, shape));

    // Counted here: names that collide are looked for one by one.
    private string Name(string of) => _names.Next($"double/{of}_{_count++}");

    private string Add(TensorProto tensor)
    {
        graph.Initializer.Add(tensor);
        return tensor.Name;
    }
}
