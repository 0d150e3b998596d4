using System.Globalization;
using System.Text;
using Google.Protobuf;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients;

/// <summary>
/// Writes nodes into a graph. A node that equals one already there (same operator, inputs and attributes) is not written twice:
/// the existing value is given instead, also where it is one of the forward pass.
/// </summary>
public sealed partial class GraphBuilder
{
    private readonly GraphProto _graph;
    private readonly Dictionary<string, TensorType> _types;
    private readonly Dictionary<string, string> _known = [];
    private readonly Dictionary<string, string> _constants = [];
    private readonly Dictionary<string, TensorProto> _initializers = [];
    private readonly Dictionary<string, NodeProto> _producers = [];
    private readonly HashSet<string> _names = [];
    // A node keeps its name where its output got another one.
    private readonly HashSet<string> _nodeNames = [];
    private int _counter;

    internal GraphBuilder(GraphProto graph, IReadOnlyDictionary<string, TensorType> types)
    {
        _graph = graph;
        _types = new Dictionary<string, TensorType>(types);
        TakeNames(graph);
        foreach (var initializer in graph.Initializer)
        {
            _initializers[initializer.Name] = initializer;
            _types.TryAdd(initializer.Name, TensorType.Of((ElementType)initializer.DataType, [.. initializer.Dims]));
        }

        foreach (var node in graph.Node)
            Register(node);
    }

    internal GraphProto Graph => _graph;

    /// <summary>A constant scalar (rank 0), rounded to <paramref name="type"/>.</summary>
    public SymbolicTensor Scalar(double value, ElementType type) => Filled(value, type);

    /// <summary>A constant list of integers, as axes, shapes and pads are given to operators.</summary>
    public SymbolicTensor Integers(params ReadOnlySpan<long> values) => Initializer(TensorData.Vector(string.Empty, values));

    /// <summary>A small constant of a fixed shape whose elements are all <paramref name="value"/>.</summary>
    public SymbolicTensor Filled(double value, ElementType type, params ReadOnlySpan<long> shape)
    {
        var values = new double[TensorData.ElementCount([.. shape], string.Empty)];
        Array.Fill(values, value);
        return Numbers(values, type, shape);
    }

    /// <summary>A small constant with the given elements, in row-major order, rounded to <paramref name="type"/>.</summary>
    public SymbolicTensor Numbers(ReadOnlySpan<double> values, ElementType type, params ReadOnlySpan<long> shape) =>
        Initializer(TensorData.Create(string.Empty, type, values, shape));

    /// <summary>Zeros in the shape and type of <paramref name="like"/>, made at run time.</summary>
    public SymbolicTensor ZerosLike(SymbolicTensor like) => FilledLike(0, like);

    /// <summary>Elements that are all <paramref name="value"/>, in the shape and type of <paramref name="like"/>, made at run time.</summary>
    public SymbolicTensor FilledLike(double value, SymbolicTensor like) =>
        Node("ConstantOfShape", [like.ShapeOf()], like.Type, ("value", AttributeValue.TensorOf(value, like.ElementType)));

    /// <summary>The 64-bit integers from 0 up to but without <paramref name="count"/>, a scalar, made at run time.</summary>
    internal SymbolicTensor CountTo(SymbolicTensor count, Dimension extent) =>
        Node("Range", [Scalar(0, ElementType.Int64), count, Scalar(1, ElementType.Int64)], new TensorType(ElementType.Int64, [extent]));

    /// <summary>Writes a node of the standard domain with one output of the given type.</summary>
    public SymbolicTensor Node(
        string operatorType, ReadOnlySpan<SymbolicTensor?> inputs, TensorType type, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes) =>
        Nodes(operatorType, inputs, [type], attributes)[0];

    /// <summary>Writes a node of the standard domain with several outputs. A null input is left out (an empty name, as ONNX writes it).</summary>
    public SymbolicTensor[] Nodes(
        string operatorType,
        ReadOnlySpan<SymbolicTensor?> inputs,
        ReadOnlySpan<TensorType> types,
        params ReadOnlySpan<(string Name, AttributeValue Value)> attributes)
    {
        var node = new NodeProto { OpType = operatorType };
        foreach (var input in inputs)
            node.Input.Add(input is null ? string.Empty : NameHere(input));
        foreach (var (name, value) in attributes)
            node.Attribute.Add(value.ToProto(name));

        string key = Key(node);
        bool shared = types.Length == 1 && !RandomOperators.Contains(operatorType);
        if (shared && _known.TryGetValue(key, out string? existing))
            return [new SymbolicTensor(this, existing, types[0])];

        node.Name = Fresh(operatorType);
        var outputs = new SymbolicTensor[types.Length];
        for (int index = 0; index < types.Length; index++)
        {
            string output = types.Length == 1 ? node.Name : Fresh(operatorType);
            node.Output.Add(output);
            _types[output] = types[index];
            _producers[output] = node;
            outputs[index] = new SymbolicTensor(this, output, types[index]);
        }

        _graph.Node.Add(node);
        if (shared)
            _known[key] = node.Output[0];
        return outputs;
    }

    /// <summary>The value of that name in the graph, or in one around it.</summary>
    internal SymbolicTensor Value(string name) =>
        TypeOf(name) is { } type
            ? new SymbolicTensor(this, name, type)
            : throw new FineTuningException($"The type of value '{name}' is not known to ONNX Runtime.");

    /// <summary>Whether a tensor type is known for the value; sequences and maps have none.</summary>
    internal bool IsTyped(string name) => TypeOf(name) is not null;

    internal TensorProto? InitializerOf(string name) => _initializers.GetValueOrDefault(name) ?? _outer?.InitializerOf(name);

    /// <summary>The node that computes a value; null for inputs and constants.</summary>
    internal NodeProto? ProducerOf(string name) => _producers.GetValueOrDefault(name);

    /// <summary>Gives a node of the forward pass an output that it can compute but did not declare.</summary>
    internal SymbolicTensor AddOutput(NodeProto node, int index, TensorType type)
    {
        while (node.Output.Count <= index)
            node.Output.Add(string.Empty);
        if (node.Output[index].Length == 0)
        {
            string name = Fresh(node.OpType);
            node.Output[index] = name;
            _types[name] = type;
            _producers[name] = node;
        }

        return Value(node.Output[index]);
    }

    /// <summary>Declares a new graph input of a fixed or symbolic shape.</summary>
    internal SymbolicTensor AddInput(string name, TensorType type)
    {
        if (!_names.Add(name))
            throw new FineTuningException($"The graph already has a value named '{name}'.");
        _types[name] = type;
        _graph.Input.Add(TensorTypes.ToProto(name, type));
        return Value(name);
    }

    /// <summary>Gives a value the name under which it becomes a graph output.</summary>
    internal void AddOutput(SymbolicTensor value, string name, TensorType? declared = null)
    {
        if (value.Name != name)
        {
            if (!_names.Add(name))
                throw new FineTuningException($"The graph already has a value named '{name}'.");
            var identity = new NodeProto { OpType = "Identity", Name = Fresh("Identity") };
            identity.Input.Add(value.Name);
            identity.Output.Add(name);
            _graph.Node.Add(identity);
            _types[name] = value.Type;
            _producers[name] = identity;
        }

        _graph.Output.Add(TensorTypes.ToProto(name, declared ?? value.Type));
    }

    /// <summary>The name of a new value of the type that another one has, for a node that is written by hand.</summary>
    internal string NewValue(string hint, string like)
    {
        string name = Fresh(hint);
        if (TypeOf(like) is { } type)
            _types[name] = type;
        return name;
    }

    /// <summary>Adds a node that is written by hand.</summary>
    internal void Append(NodeProto node)
    {
        _graph.Node.Add(node);
        Register(node);
    }

    private void Register(NodeProto node)
    {
        foreach (string output in node.Output)
            _producers[output] = node;
        if (node.Output.Count == 1 && !RandomOperators.Contains(node.OpType))
            _known.TryAdd(Key(node), node.Output[0]);
    }

    private SymbolicTensor Initializer(TensorProto proto)
    {
        string key = Convert.ToBase64String(proto.ToByteArray());
        var type = TensorType.Of((ElementType)proto.DataType, [.. proto.Dims]);
        if (!_constants.TryGetValue(key, out string? name))
        {
            name = Fresh("Constant");
            proto.Name = name;
            _graph.Initializer.Add(proto);
            _initializers[name] = proto;
            _types[name] = type;
            _constants[key] = name;
        }

        return new SymbolicTensor(this, name, type);
    }

    private TensorType? TypeOf(string name) => _types.GetValueOrDefault(name) ?? _outer?.TypeOf(name);

    private string Fresh(string hint)
    {
        // Names are unique over all graphs of a model.
        if (_outer is not null)
            return _outer.Fresh(hint);
        string name;
        do
        {
            name = string.Create(CultureInfo.InvariantCulture, $"grad/{hint}_{_counter++}");
        }
        while (_nodeNames.Contains(name) || !_names.Add(name));
        return name;
    }

    private static string Key(NodeProto node)
    {
        var key = new StringBuilder(node.Domain).Append(':').Append(node.OpType);
        foreach (string input in node.Input)
            key.Append('|').Append(input.Length).Append(':').Append(input);
        foreach (var attribute in node.Attribute.OrderBy(static attribute => attribute.Name, StringComparer.Ordinal))
            key.Append('#').Append(Convert.ToBase64String(attribute.ToByteArray()));
        return key.ToString();
    }
}
