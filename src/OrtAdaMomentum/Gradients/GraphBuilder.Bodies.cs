using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients;

/// <content>Graphs inside nodes. Formulas there may read what is around them; equal nodes are shared within one graph only.</content>
public sealed partial class GraphBuilder
{
    private readonly GraphBuilder? _outer;
    private readonly List<GraphBuilder> _bodies = [];

    private GraphBuilder(GraphBuilder outer, string name)
        : this(new GraphProto { Name = name }, new Dictionary<string, TensorType>()) => _outer = outer;

    /// <summary>Whether a node of another graph holds this one.</summary>
    internal bool IsBody => _outer is not null;

    /// <summary>The graphs that were begun inside this one.</summary>
    internal IReadOnlyList<GraphBuilder> Bodies => _bodies;

    /// <summary>A value of this graph or of one around it, as the left side of a formula that is to be written here.</summary>
    public SymbolicTensor Here(SymbolicTensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Graph == this ? value : new SymbolicTensor(this, NameHere(value), value.Type);
    }

    /// <summary>Begins a graph that a node of this one will hold.</summary>
    internal GraphBuilder BeginBody()
    {
        var body = new GraphBuilder(this, Fresh("Body"));
        _bodies.Add(body);
        return body;
    }

    /// <summary>A name that no value of the model has.</summary>
    internal string NewName(string hint) => Fresh(hint);

    /// <summary>Whether a graph holds nodes that give other values every time.</summary>
    internal static bool IsRandom(GraphProto graph) =>
        graph.Node.Any(static node => (RandomOperators.Contains(node.OpType) && !IsInactiveDropout(node)) || SubGraphs.Of(node).Any(IsRandom));

    /// <summary>A value that a graph inside a node will take in.</summary>
    internal SymbolicTensor NewInput(TensorType type)
    {
        string name = Fresh("Input");
        _types[name] = type;
        return Value(name);
    }

    /// <summary>Declares a value as the next input of a graph inside a node.</summary>
    internal void DeclareInput(string name) => _graph.Input.Add(TensorTypes.ToProto(name, _types[name]));

    /// <summary>
    /// Declares the next output of a graph inside a node, and gives its name. What the graph does not compute itself, or has declared
    /// already, is passed on under another name.
    /// </summary>
    internal string AddBodyOutput(SymbolicTensor value)
    {
        string name = NameHere(value);
        if (ProducerOf(name) is null || _graph.Output.Any(output => output.Name == name))
        {
            var copy = new NodeProto { OpType = "Identity", Name = Fresh("Identity"), Input = { name } };
            copy.Output.Add(copy.Name);
            name = copy.Name;
            _graph.Node.Add(copy);
            _types[name] = value.Type;
            _producers[name] = copy;
        }

        _graph.Output.Add(TensorTypes.ToProto(name, value.Type));
        return name;
    }

    /// <summary>Copies what another graph computes, under names that no value has yet.</summary>
    /// <param name="source">The graph.</param>
    /// <param name="types">Types of its values.</param>
    /// <param name="inputs">The values here that take the place of its inputs.</param>
    /// <returns>The names here of all its values.</returns>
    internal IReadOnlyDictionary<string, string> Copy(
        GraphProto source, IReadOnlyDictionary<string, TensorType> types, IReadOnlyDictionary<string, string> inputs)
    {
        var copy = source.Clone();
        copy.Input.Clear();
        var names = new Dictionary<string, string>(inputs);
        RenewNames(copy, names);
        foreach (var (old, name) in names)
        {
            if (types.GetValueOrDefault(old) is { } type)
                _types.TryAdd(name, type);
        }

        _graph.SparseInitializer.AddRange(copy.SparseInitializer);
        foreach (var tensor in copy.Initializer)
        {
            _graph.Initializer.Add(tensor);
            _initializers[tensor.Name] = tensor;
        }

        foreach (var node in copy.Node)
            Append(node);
        return names;
    }

    /// <summary>Gives every value that the graph defines another name.</summary>
    private void RenewNames(GraphProto graph, Dictionary<string, string> names)
    {
        string Renew(string name) => names[name] = Fresh("Copy");
        string Known(string name) => names.GetValueOrDefault(name, name);

        foreach (var input in graph.Input)
            input.Name = Renew(input.Name);
        foreach (var tensor in graph.Initializer)
            tensor.Name = Renew(tensor.Name);
        foreach (var tensor in graph.SparseInitializer)
            tensor.Values.Name = Renew(tensor.Values.Name);
        foreach (var node in graph.Node)
        {
            for (int index = 0; index < node.Input.Count; index++)
                node.Input[index] = Known(node.Input[index]);
            foreach (var inner in SubGraphs.Of(node))
                RenewNames(inner, new Dictionary<string, string>(names));
            for (int index = 0; index < node.Output.Count; index++)
                node.Output[index] = node.Output[index].Length > 0 ? Renew(node.Output[index]) : string.Empty;
            if (node.Name.Length > 0)
                node.Name = Fresh(node.OpType);
        }

        foreach (var output in graph.Output)
            output.Name = Known(output.Name);
        graph.ValueInfo.Clear();
    }

    private static bool IsInactiveDropout(NodeProto node) =>
        node.OpType == "Dropout" && (node.Input.Count < 3 || node.Input[2].Length == 0);

    /// <summary>The name of a value that nodes of this graph may read: its own, or one of a graph around it.</summary>
    private string NameHere(SymbolicTensor value)
    {
        for (var graph = this; graph is not null; graph = graph._outer)
        {
            if (value.Graph == graph)
                return value.Name;
        }

        throw new InvalidOperationException($"Value '{value.Name}' belongs to a graph that cannot be read from here.");
    }

    private void TakeNames(GraphProto graph)
    {
        _names.UnionWith(graph.Input.Select(static input => input.Name));
        _names.UnionWith(graph.Initializer.Select(static tensor => tensor.Name));
        foreach (var node in graph.Node)
        {
            _names.UnionWith(node.Output);
            _nodeNames.Add(node.Name);
            foreach (var inner in SubGraphs.Of(node))
                TakeNames(inner);
        }
    }
}
