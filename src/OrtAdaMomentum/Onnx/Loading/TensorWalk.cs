using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Loading;

/// <summary>A stored tensor and where it was found, for messages.</summary>
internal sealed record TensorPlace(TensorProto Tensor, string Where)
{
    public string Name => Tensor.Name.Length > 0 ? $"tensor '{Tensor.Name}' ({Where})" : $"the tensor in {Where}";
}

/// <summary>What is left of the size limit while data is pulled into a model.</summary>
internal sealed class ByteBudget(long remaining)
{
    public long Remaining { get; private set; } = remaining;

    public bool TryTake(long bytes)
    {
        if (bytes > Remaining)
            return false;
        Remaining -= bytes;
        return true;
    }
}

/// <summary>
/// Finds every tensor stored anywhere in a model: initializers, sparse ones, attributes, and all of these again in sub-graphs,
/// functions and training information. A place that is not walked is a place where unchecked data reaches the runtime.
/// </summary>
internal sealed class TensorWalk
{
    private readonly OnnxLoadOptions _options;
    private readonly List<TensorPlace> _tensors = [];
    private readonly List<(SparseTensorProto Tensor, string Where)> _sparse = [];
    private int _nodes;

    private TensorWalk(OnnxLoadOptions options, long modelBytes)
    {
        _options = options;
        Budget = new ByteBudget(options.MaxModelBytes - modelBytes);
    }

    public IReadOnlyList<TensorPlace> Tensors => _tensors;

    public IReadOnlyList<(SparseTensorProto Tensor, string Where)> SparseTensors => _sparse;

    public ByteBudget Budget { get; }

    public static TensorWalk Over(ModelProto model, OnnxLoadOptions options)
    {
        var walk = new TensorWalk(options, model.CalculateSize());
        walk.Graph(model.Graph, "the graph");
        foreach (FunctionProto function in model.Functions)
        {
            string where = $"function '{function.Name}'";
            walk.Attributes(function.AttributeProto, where);
            walk.Nodes(function.Node, where);
        }

        foreach (TrainingInfoProto training in model.TrainingInfo)
        {
            walk.Graph(training.Initialization, "the training initialization");
            walk.Graph(training.Algorithm, "the training algorithm");
        }

        return walk;
    }

    private void Graph(GraphProto? graph, string where)
    {
        if (graph is null)
            return;
        foreach (TensorProto initializer in graph.Initializer)
            Tensor(initializer, $"initializer of {where}");
        foreach (SparseTensorProto sparse in graph.SparseInitializer)
            Sparse(sparse, $"sparse initializer of {where}");
        Nodes(graph.Node, where);
    }

    private void Nodes(IEnumerable<NodeProto> nodes, string where)
    {
        foreach (NodeProto node in nodes)
        {
            if (++_nodes > _options.MaxNodes)
                throw Limit("nodes", _options.MaxNodes, nameof(OnnxLoadOptions.MaxNodes));
            // Such a node makes some execution providers open the file it names.
            if (node.OpType == "EPContext")
                throw new OnnxModelException($"{NodeNames.Describe(node)} embeds a compiled model of one device, which cannot be trained. Use the model it was compiled from.");
            Attributes(node.Attribute, NodeNames.Describe(node) + " in " + where);
        }
    }

    private void Attributes(IEnumerable<AttributeProto> attributes, string owner)
    {
        foreach (AttributeProto attribute in attributes)
        {
            string where = $"attribute '{attribute.Name}' of {owner}";
            if (attribute.T is not null)
                Tensor(attribute.T, where);
            foreach (TensorProto tensor in attribute.Tensors)
                Tensor(tensor, where);
            if (attribute.SparseTensor is not null)
                Sparse(attribute.SparseTensor, where);
            foreach (SparseTensorProto sparse in attribute.SparseTensors)
                Sparse(sparse, where);
            // The nesting is bounded by the depth limit of the parser.
            Graph(attribute.G, where);
            foreach (GraphProto graph in attribute.Graphs)
                Graph(graph, where);
        }
    }

    private void Tensor(TensorProto tensor, string where)
    {
        if (_tensors.Count >= _options.MaxTensors)
            throw Limit("tensors", _options.MaxTensors, nameof(OnnxLoadOptions.MaxTensors));
        _tensors.Add(new TensorPlace(tensor, where));
    }

    private void Sparse(SparseTensorProto sparse, string where)
    {
        _sparse.Add((sparse, where));
        if (sparse.Values is not null)
            Tensor(sparse.Values, "values of a " + where);
        if (sparse.Indices is not null)
            Tensor(sparse.Indices, "indices of a " + where);
        if (_sparse.Count > _options.MaxTensors)
            throw Limit("tensors", _options.MaxTensors, nameof(OnnxLoadOptions.MaxTensors));
    }

    private static OnnxModelException Limit(string what, int limit, string option) =>
        new($"The model has more than {limit} {what}. If the file can be trusted, raise {nameof(OnnxLoadOptions)}.{option}.");
}
