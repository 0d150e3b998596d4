using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.ControlFlow;

/// <summary>
/// What a model computes whatever it is fed: small integers and booleans that depend on constants and fixed shapes alone. ONNX Runtime
/// computes them. Weights are never among them, nor what depends on one: they change in training. Names are distinct in all graphs.
/// </summary>
internal sealed class KnownValues(ModelProto model, IReadOnlySet<string> settings)
{
    /// <summary>Shapes, indices and conditions are small; larger tensors are tables.</summary>
    private const long LargestElements = 1024;

    private readonly Dictionary<string, TensorProto> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorType> _types = new(StringComparer.Ordinal);

    /// <summary>The value where it is known, else null.</summary>
    public TensorProto? Value(string name) => _values.GetValueOrDefault(name);

    /// <summary>The type where it is known, else null.</summary>
    public TensorType? Type(string name) => _types.GetValueOrDefault(name);

    /// <summary>The only or first element as a boolean, null where it is not known.</summary>
    public bool? Boolean(string name) => Value(name) is { DataType: (int)ElementType.Bool } value && TensorData.ToBools(value) is [bool first, ..] ? first : null;

    /// <summary>The only or first element as an integer, null where it is not known.</summary>
    public long? Integer(string name) => Integers(name) is [long first, ..] ? first : null;

    /// <summary>The elements as integers, null where they are not known.</summary>
    public long[]? Integers(string name) =>
        Value(name) is { } value && (ElementType)value.DataType is ElementType.Int64 or ElementType.Int32 ? TensorData.ToLongs(value) : null;

    /// <summary>Finds what is known in a graph, given what is known around it.</summary>
    public void Learn(GraphProto graph)
    {
        foreach (TensorProto tensor in graph.Initializer.Where(IsSetting))
            _values.TryAdd(tensor.Name, tensor);
        do
        {
            if (!LearnTypes(graph))
                return;
        }
        while (LearnValues(graph));
    }

    /// <summary>A model of some nodes, to be opened by the runtime. What is known of their inputs is given, the rest is to be fed.</summary>
    public ModelProto Probe(
        IEnumerable<NodeProto> nodes,
        IEnumerable<TensorProto> initializers,
        IEnumerable<ValueInfoProto>? inputs = null,
        IEnumerable<SparseTensorProto>? sparse = null)
    {
        var graph = new GraphProto { Name = "probe", Node = { nodes } };
        graph.Initializer.AddRange(initializers);
        graph.Input.AddRange(inputs ?? []);
        graph.SparseInitializer.AddRange(sparse ?? []);
        var defined = graph.Initializer.Select(static tensor => tensor.Name)
            .Concat(graph.SparseInitializer.Select(static tensor => tensor.Values.Name))
            .Concat(graph.Input.Select(static input => input.Name))
            .Concat(graph.Node.SelectMany(static node => node.Output))
            .ToHashSet(StringComparer.Ordinal);
        foreach (string name in graph.Node.SelectMany(SubGraphs.Reads).Where(defined.Add))
        {
            if (Value(name) is { } value)
                graph.Initializer.Add(Named(value, name));
            else if (Type(name) is { } type)
                graph.Input.Add(TensorTypes.ToProto(name, type));
        }

        var probe = new ModelProto { IrVersion = model.IrVersion, Graph = graph };
        probe.OpsetImport.AddRange(model.OpsetImport);
        return probe;
    }

    /// <summary>Integers and booleans steer; of floating point numbers only single ones and those that the user has fixed cannot train.</summary>
    private bool IsSetting(TensorProto tensor) =>
        TensorData.ElementCount(tensor) <= LargestElements
        && (ElementType)tensor.DataType is not ElementType.String
        && (IsSteering((ElementType)tensor.DataType) || tensor.Dims.Count == 0 || settings.Contains(tensor.Name));

    private static bool IsSteering(ElementType type) => type is ElementType.Int64 or ElementType.Int32 or ElementType.Bool;

    private static TensorProto Named(TensorProto value, string name)
    {
        if (value.Name == name)
            return value;
        TensorProto named = value.Clone();
        named.Name = name;
        return named;
    }

    private bool LearnTypes(GraphProto graph)
    {
        foreach (ValueInfoProto input in graph.Input)
        {
            if (TensorTypes.FromProto(input.Type) is { } type)
                _types[input.Name] = type;
        }

        // Where all outputs of a node are known, their values tell the runtime more about shapes than the node does.
        ModelProto probe = Probe(graph.Node.Where(node => !IsKnown(node)), graph.Initializer, graph.Input, graph.SparseInitializer);
        try
        {
            foreach ((string name, TensorType type) in RuntimeTypes.Infer(probe))
                _types[name] = type;
            return true;
        }
        catch (OnnxModelException) when (!ReferenceEquals(graph, model.Graph))
        {
            // In a graph inside another, something may be of a type that is not known here.
            return false;
        }
    }

    private bool IsKnown(NodeProto node) => node.Output.Count > 0 && node.Output.All(output => output.Length == 0 || _values.ContainsKey(output));

    private bool LearnValues(GraphProto graph)
    {
        var plan = new ConstantPlan(this, graph.Node.Where(node => !IsKnown(node)));
        foreach ((string name, TensorProto value) in plan.Known)
            _values[name] = value;
        int before = _values.Count;
        string[] wanted = [.. plan.Computed.Where(name => Type(name)?.ElementType is not (null or ElementType.String))];
        if (wanted.Length == 0)
            return plan.Known.Count > 0;

        ModelProto probe = Probe(plan.Nodes, []);
        probe.Graph.Output.AddRange(wanted.Select(static name => new ValueInfoProto { Name = name }));
        UnusedNodes.Remove(probe.Graph);
        KeepInputsRead(probe.Graph);
        try
        {
            using InferenceSession session = QuietRuntime.Open(probe);
            // Where an axis is not known, two different numbers stand for it in turn: what is the same both times does not come from it.
            Dictionary<string, TensorProto> first = RuntimeRun.Run(session, plan.Guesses(probe.Graph, 0));
            Dictionary<string, TensorProto> second = probe.Graph.Input.Count == 0 ? first : RuntimeRun.Run(session, plan.Guesses(probe.Graph, 1));
            foreach (string name in wanted.Where(name => first[name].Equals(second[name])))
                _values[name] = first[name];
        }
        catch (OnnxRuntimeException)
        {
            // A branch that is never taken may compute what cannot be computed.
        }

        return plan.Known.Count > 0 || _values.Count > before;
    }

    private static void KeepInputsRead(GraphProto graph)
    {
        var read = graph.Node.SelectMany(static node => node.Input).ToHashSet(StringComparer.Ordinal);
        ValueInfoProto[] kept = [.. graph.Input.Where(input => read.Contains(input.Name))];
        graph.Input.Clear();
        graph.Input.AddRange(kept);
    }

    /// <summary>Whether a value is small enough to be known at all.</summary>
    public bool IsSmall(string name) => Type(name)?.ElementCount is <= LargestElements;
}
