using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.ClassLosses;

/// <summary>
/// The labels of a loss over class indices. Classes are axis 1 of the logarithms; here labels have that axis too, of extent 1. Positions
/// that do not count stand at class 0 with factor 0, as their label may be no class at all.
/// </summary>
internal sealed class LabelledPositions
{
    private readonly GradientContext _node;
    private readonly SymbolicTensor? _counts;
    private readonly SymbolicTensor? _weights;

    public LabelledPositions(GradientContext node)
    {
        _node = node;
        var labels = node.Input(1).Unsqueeze(1);
        var type = node.Input(0).ElementType;
        if (node.HasAttribute("ignore_index"))
        {
            var ignored = labels.IsEqualTo(labels.Like(node.Integer("ignore_index", 0)));
            _counts = node.Graph.Node("Not", [ignored], ignored.Type);
            labels = ignored.Choose(0, labels);
        }

        Labels = new LabelIndices(labels, Axis: 1);
        if (node.HasInput(2))
            _weights = node.Graph.Node("Gather", [node.Input(2), labels], new TensorType(type, labels.Type.Shape));
        if (_counts is not null)
            _weights = _weights is null ? _counts.Cast(type) : _counts.Choose(_weights, 0);
    }

    /// <summary>Classes of the positions.</summary>
    public LabelIndices Labels { get; }

    private string Reduction => _node.Text("reduction", "mean");

    /// <summary>What the loss, whose gradient is <paramref name="g"/>, gains with -log p of each label: one number where it is the same for all.</summary>
    public SymbolicTensor Factor(SymbolicTensor g)
    {
        var share = Share(g);
        return _weights is null ? share : share * _weights;
    }

    /// <summary>The gradient of the class weights: a weight multiplies the terms of its class, and in a mean divides all of them too.</summary>
    public SymbolicTensor ClassWeightGradient(SymbolicTensor g, SymbolicTensor logs)
    {
        var terms = -Labels.Pick(logs);
        if (Reduction == "mean")
            terms -= _node.Output();
        var weights = _node.Input(2);
        var classes = Classes(weights).Unsqueeze([.. Enumerable.Range(1, logs.Rank - 2)]);
        var isClass = Labels.Indices.IsEqualTo(classes);
        if (_counts is not null)
            isClass = isClass.And(_counts);
        int[] others = [0, .. Enumerable.Range(2, logs.Rank - 2)];
        return isClass.Choose(terms * Share(g), 0).ReduceSum(others, keepDimensions: false).ReshapeLike(weights);
    }

    /// <summary>The factor without the weight.</summary>
    private SymbolicTensor Share(SymbolicTensor g) => Reduction switch
    {
        "none" => g.Unsqueeze(1),
        "sum" => g,
        _ when _weights is not null => g / _weights.SumAll(),
        _ => g / Labels.CountAs(g.ElementType),
    };

    private SymbolicTensor Classes(SymbolicTensor weights)
    {
        var graph = weights.Graph;
        if (weights.Type.ElementCount is { } count)
            return graph.Numbers([.. Enumerable.Range(0, (int)count).Select(static index => (double)index)], Labels.Indices.ElementType, count);
        var size = graph.Node("Size", [weights], TensorType.Of(ElementType.Int64));
        return graph.CountTo(size, Dimension.Unknown).Cast(Labels.Indices.ElementType);
    }
}
