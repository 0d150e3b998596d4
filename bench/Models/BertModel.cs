using Google.Protobuf;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Bench.Models;

/// <summary>
/// A BERT encoder as PyTorch exports it at opset 16: LayerNorm and GELU in parts, attention as products and transpositions, with a
/// classifier on the first token. The weights are zero, for nothing of what is measured looks at them.
/// </summary>
internal sealed class BertModel
{
    private readonly GraphProto _graph = new() { Name = "bert" };
    private readonly int _hidden;
    private readonly int _heads;
    private int _next;

    private BertModel(int hidden, int heads) => (_hidden, _heads) = (hidden, heads);

    public static ModelProto Create(int layers, int hidden, int heads, int vocabulary, int positions)
    {
        var bert = new BertModel(hidden, heads);
        bert.Build(layers, vocabulary, positions);
        var model = new ModelProto { IrVersion = 8, Graph = bert._graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxDomains.Standard, Version = 16 });
        return model;
    }

    private void Build(int layers, int vocabulary, int positions)
    {
        _graph.Input.Add(TensorTypes.ToProto("ids", new TensorType(ElementType.Int64, [Dimension.Named("batch"), positions])));
        string x = Node("Gather", [Weight(vocabulary, _hidden), "ids"]);
        x = LayerNorm(Node("Add", [x, Weight(positions, _hidden)]));
        for (int layer = 0; layer < layers; layer++)
        {
            x = LayerNorm(Node("Add", [x, Attention(x, positions)]));
            x = LayerNorm(Node("Add", [x, Linear(Gelu(Linear(x, _hidden, 4 * _hidden)), 4 * _hidden, _hidden)]));
        }

        string first = Node("Gather", [x, Integers("first", 0)], ("axis", 1));
        string pooled = Node("Tanh", [Linear(Node("Reshape", [first, Integers("flat", -1, _hidden)]), _hidden, _hidden)]);
        _graph.Output.Add(new ValueInfoProto { Name = Linear(pooled, _hidden, 2) });
    }

    private string Attention(string x, int positions)
    {
        int size = _hidden / _heads;
        string Heads(string value) =>
            Permute(Node("Reshape", [value, Integers("split", -1, positions, _heads, size)]), 0, 2, 1, 3);
        string query = Heads(Linear(x, _hidden, _hidden)), key = Heads(Linear(x, _hidden, _hidden)), value = Heads(Linear(x, _hidden, _hidden));
        string scores = Node("Div", [Node("MatMul", [query, Permute(key, 0, 1, 3, 2)]), Scalar(Math.Sqrt(size))]);
        string mixed = Node("MatMul", [Node("Softmax", [scores], ("axis", -1)), value]);
        return Linear(Node("Reshape", [Permute(mixed, 0, 2, 1, 3), Integers("join", -1, positions, _hidden)]), _hidden, _hidden);
    }

    private string LayerNorm(string x)
    {
        string centred = Node("Sub", [x, Mean(x)]);
        string variance = Mean(Node("Pow", [centred, Scalar(2)]));
        string normal = Node("Div", [centred, Node("Sqrt", [Node("Add", [variance, Scalar(1e-12)])])]);
        return Node("Add", [Node("Mul", [normal, Weight(_hidden)]), Weight(_hidden)]);
    }

    private string Gelu(string x)
    {
        string half = Node("Add", [Node("Erf", [Node("Div", [x, Scalar(Math.Sqrt(2))])]), Scalar(1)]);
        return Node("Mul", [Node("Mul", [x, half]), Scalar(0.5)]);
    }

    private string Linear(string x, int rows, int columns) =>
        Node("Add", [Weight(columns), Node("MatMul", [x, Weight(rows, columns)])]);

    private string Mean(string x)
    {
        string mean = Node("ReduceMean", [x]);
        _graph.Node[^1].Attribute.Add(Ints("axes", -1));
        return mean;
    }

    private string Permute(string x, params long[] order)
    {
        string permuted = Node("Transpose", [x]);
        _graph.Node[^1].Attribute.Add(Ints("perm", order));
        return permuted;
    }

    private string Node(string opType, string[] inputs, params (string Name, long Value)[] attributes)
    {
        var node = new NodeProto { OpType = opType, Name = Fresh(opType), Input = { inputs } };
        node.Output.Add(node.Name);
        foreach ((string name, long value) in attributes)
            node.Attribute.Add(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value });
        _graph.Node.Add(node);
        return node.Name;
    }

    private string Weight(params long[] shape)
    {
        var tensor = new TensorProto { Name = Fresh("weight"), DataType = (int)ElementType.Float, Dims = { shape } };
        tensor.RawData = UnsafeByteOperations.UnsafeWrap(new byte[sizeof(float) * shape.Aggregate(1L, static (product, extent) => product * extent)]);
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private string Scalar(double value) => Add(TensorData.Create(Fresh("scalar"), ElementType.Float, [value], []));

    private string Integers(string purpose, params long[] values) => Add(TensorData.Vector(Fresh(purpose), values));

    private string Add(TensorProto tensor)
    {
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private string Fresh(string purpose) => $"{purpose}_{_next++}";

    private static AttributeProto Ints(string name, params long[] values) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };
}
