using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>
/// Types and shapes of the values of a graph, asked of ONNX Runtime: every value is declared as an output by name alone, and the
/// runtime fills in what it inferred. So there is one shape inference, the one of the runtime that will run the model.
/// </summary>
internal static class RuntimeTypes
{
    /// <summary>Above this many elements an initializer holds weights, whose content no shape depends on.</summary>
    private const long LargestShapeData = 1024;

    private const string ProbePrefix = "__rank_of_";

    /// <summary>The type of every tensor in the main graph by name: inputs, initializers and outputs of nodes.</summary>
    /// <exception cref="OnnxModelException">ONNX Runtime does not take the model; the message says which node.</exception>
    public static IReadOnlyDictionary<string, TensorType> Infer(ModelProto model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var types = new Dictionary<string, TensorType>(StringComparer.Ordinal);
        AskRuntime(model, types);
        // With a rank declared the runtime may come further, to the next value whose shape is computed.
        var known = new HashSet<string>(StringComparer.Ordinal);
        while (ComputedShapes.Find(model.Graph, types) is { Count: > 0 } declared && declared.TrueForAll(value => known.Add(value.Name)))
        {
            model = WithDeclared(model, declared);
            AskRuntime(model, types);
        }

        foreach (ValueInfoProto input in model.Graph.Input)
        {
            if (TensorTypes.FromProto(input.Type) is { } type)
                types[input.Name] = type;
        }

        foreach (TensorProto initializer in model.Graph.Initializer)
            types[initializer.Name] = TensorTypes.Of(initializer);
        return types;
    }

    /// <summary>The types of what nodes compute, where a value without axes may be a scalar or one of unknown rank.</summary>
    /// <param name="model">A model whose inputs have fixed shapes: what follows from them is computed, where inference alone stops.</param>
    /// <exception cref="OnnxModelException">ONNX Runtime does not take the model.</exception>
    public static Dictionary<string, TensorType> InferFixed(ModelProto model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var types = new Dictionary<string, TensorType>(StringComparer.Ordinal);
        ReadOutputs(model, types, [.. Produced(model.Graph)], fold: true);
        return types;
    }

    private static void AskRuntime(ModelProto model, Dictionary<string, TensorType> types)
    {
        ReadOutputs(model, types, [.. Produced(model.Graph)]);

        // The runtime reports no axes both for a scalar and for a value of unknown rank. The output of Shape tells them apart: its
        // own extent is the rank, fixed only where the rank is known.
        string[] doubtful = [.. types.Where(static pair => pair.Value.Rank == 0).Select(static pair => pair.Key)];
        if (doubtful.Length > 0)
            ForgetUnknownRanks(model, types, doubtful);
    }

    private static ModelProto WithDeclared(ModelProto model, List<ValueInfoProto> declared)
    {
        var names = declared.Select(static value => value.Name).ToHashSet(StringComparer.Ordinal);
        ModelProto copy = Probe(model, [], [], withWeights: true);
        ValueInfoProto[] others = [.. copy.Graph.ValueInfo.Where(value => !names.Contains(value.Name))];
        copy.Graph.ValueInfo.Clear();
        copy.Graph.ValueInfo.AddRange(others);
        copy.Graph.ValueInfo.AddRange(declared);
        return copy;
    }

    private static IEnumerable<string> Produced(GraphProto graph) =>
        graph.Node.SelectMany(static node => node.Output).Where(static name => name.Length > 0);

    private static void ReadOutputs(ModelProto model, Dictionary<string, TensorType> types, string[] names, bool fold = false)
    {
        var outputs = names.Select(static name => new ValueInfoProto { Name = name });
        using InferenceSession session = Open(model, [], outputs, fold);
        foreach (string name in names)
        {
            NodeMetadata metadata = session.OutputMetadata[name];
            if (metadata.OnnxValueType == OnnxValueType.ONNX_TYPE_TENSOR)
                types[name] = ToType(metadata);
        }
    }

    private static void ForgetUnknownRanks(ModelProto model, Dictionary<string, TensorType> types, string[] names)
    {
        NodeProto[] probes = [.. names.Select(static name => new NodeProto { OpType = "Shape", Input = { name }, Output = { ProbePrefix + name } })];
        var outputs = probes.Select(static probe => new ValueInfoProto { Name = probe.Output[0] });
        using InferenceSession session = Open(model, probes, outputs);
        foreach (string name in names)
        {
            if (session.OutputMetadata[ProbePrefix + name].Dimensions is not [0])
                types[name] = types[name] with { Shape = null };
        }
    }

    private static InferenceSession Open(ModelProto model, IEnumerable<NodeProto> extraNodes, IEnumerable<ValueInfoProto> outputs, bool fold = false)
    {
        ValueInfoProto[] outputList = [.. outputs];
        NodeProto[] extra = [.. extraNodes];
        try
        {
            return QuietRuntime.Open(Probe(model, extra, outputList, withWeights: false), fold: fold);
        }
        catch (OnnxRuntimeException)
        {
            // Rarely an operator insists on constant weights; the message of the real model is also the better one.
        }

        try
        {
            return QuietRuntime.Open(Probe(model, extra, outputList, withWeights: true), fold: fold);
        }
        catch (OnnxRuntimeException error)
        {
            throw RuntimeErrors.Translate(error, model);
        }
    }

    /// <summary>The model with other outputs, sharing its parts. Without weights, large initializers become inputs, which saves copying them.</summary>
    private static ModelProto Probe(ModelProto model, NodeProto[] extra, ValueInfoProto[] outputs, bool withWeights)
    {
        var graph = new GraphProto { Name = model.Graph.Name.Length > 0 ? model.Graph.Name : "graph" };
        graph.Node.AddRange(model.Graph.Node);
        graph.Node.AddRange(extra);
        graph.Input.AddRange(model.Graph.Input);
        graph.ValueInfo.AddRange(model.Graph.ValueInfo);
        graph.SparseInitializer.AddRange(model.Graph.SparseInitializer);
        if (outputs.Length == 0)
            graph.Output.AddRange(model.Graph.Output);
        else
            graph.Output.AddRange(outputs);

        var declared = model.Graph.Input.Select(static input => input.Name).ToHashSet(StringComparer.Ordinal);
        foreach (TensorProto initializer in model.Graph.Initializer)
        {
            if (withWeights || TensorData.ElementCount(initializer) <= LargestShapeData)
                graph.Initializer.Add(initializer);
            else if (!declared.Contains(initializer.Name))
                graph.Input.Add(TensorTypes.ToProto(initializer.Name, TensorTypes.Of(initializer)));
        }

        var probe = new ModelProto { IrVersion = model.IrVersion, Graph = graph };
        probe.OpsetImport.AddRange(model.OpsetImport);
        probe.Functions.AddRange(model.Functions);
        return probe;
    }

    private static TensorType ToType(NodeMetadata metadata)
    {
        var shape = new Dimension[metadata.Dimensions.Length];
        for (int axis = 0; axis < shape.Length; axis++)
        {
            if (metadata.Dimensions[axis] >= 0)
                shape[axis] = metadata.Dimensions[axis];
            else if (metadata.SymbolicDimensions[axis] is { Length: > 0 } symbol)
                shape[axis] = Dimension.Named(symbol);
        }

        // The numbers of the runtime's element types are those of the file format.
        return new TensorType((ElementType)metadata.ElementDataType, shape);
    }
}
