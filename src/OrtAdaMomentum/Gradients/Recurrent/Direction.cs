using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Recurrent;

/// <summary>
/// One direction of a recurrent layer: its inputs and outputs without the axis of directions. Sequences have the axes time, batch and
/// feature and stay in the order of the input; a reverse direction is walked the other way round.
/// </summary>
internal sealed class Direction
{
    private readonly GradientContext _node;
    private readonly int _index;
    private readonly int _count;
    private readonly SymbolicTensor? _lengths;
    private readonly SymbolicTensor? _time;

    private Direction(GradientContext node, int index, int count)
    {
        _node = node;
        _index = index;
        _count = count;
        IsReverse = index == 1 || node.Text("direction", "forward") == "reverse";
        X = node.Input(0).Type.Shape is null
            ? node.Input(0).WithType(new TensorType(node.Input(0).ElementType, [default, default, default]))
            : node.Input(0);
        Hidden = node.Integer("hidden_size", 0);
        W = Own(node.Input(1), 0);
        R = Own(node.Input(2), 0);
        if (node.HasInput(4))
        {
            _lengths = node.Input(4).Cast(ElementType.Int64);
            _time = Graph.CountTo(X.ExtentOf(0).Squeeze(0), X.Shape[0]).Unsqueeze(1);
            IsValid = IsBefore(_lengths);
        }

        InitialHidden = Initial(5);
        Previous = PreviousHidden();
    }

    public GraphBuilder Graph => _node.Graph;

    public bool IsReverse { get; }

    public long Hidden { get; }

    /// <summary>The input sequence.</summary>
    public SymbolicTensor X { get; }

    /// <summary>Weights of the input, a row for each unit of each gate.</summary>
    public SymbolicTensor W { get; }

    /// <summary>Weights of the hidden state before, a row for each unit of each gate.</summary>
    public SymbolicTensor R { get; }

    /// <summary>The hidden state before the first step.</summary>
    public SymbolicTensor InitialHidden { get; }

    /// <summary>The hidden states before each step.</summary>
    public SymbolicTensor Previous { get; }

    /// <summary>Whether a step lies in its sequence (booleans, with one feature); null when all do.</summary>
    public SymbolicTensor? IsValid { get; }

    /// <summary>The directions of a layer.</summary>
    public static Direction[] Of(GradientContext node)
    {
        // ONNX Runtime always computes with time first; the layout with the batch first is rewritten before.
        int count = node.Text("direction", "forward") == "bidirectional" ? 2 : 1;
        return [.. Enumerable.Range(0, count).Select(index => new Direction(node, index, count))];
    }

    /// <summary>The input of that place; null when left out.</summary>
    public SymbolicTensor? Parameter(int input) => _node.HasInput(input) ? Own(_node.Input(input), 0) : null;

    /// <summary>An initial state, zeros when left out.</summary>
    public SymbolicTensor Initial(int input) => Parameter(input) ?? ZeroState();

    /// <summary>The inputs of the gates, where all of them see input, hidden state and both biases alike.</summary>
    public SymbolicTensor GateInputs()
    {
        var sum = X.MatMul(W.Transpose(1, 0)) + Previous.MatMul(R.Transpose(1, 0));
        return Biases() is var (ofInput, ofHidden) ? sum + (ofInput + ofHidden) : sum;
    }

    /// <summary>The biases of the input's and of the hidden state's products; null when left out.</summary>
    public (SymbolicTensor OfInput, SymbolicTensor OfHidden)? Biases()
    {
        if (Parameter(3) is not { } bias)
            return null;
        Dimension half = bias.Shape[0].IsStatic ? bias.Extent(0) / 2 : Dimension.Unknown;
        var halves = Parts.Split(bias, 2, new TensorType(bias.ElementType, [half]));
        return (halves[0], halves[1]);
    }

    /// <summary>The gradient of all hidden states; null when the loss does not depend on them.</summary>
    public SymbolicTensor? SequenceGradient() =>
        _node.OutputGradient(0) is { } gradient ? Valid(Own(gradient, 1).WithType(Sequence(Hidden)), 0) : null;

    /// <summary>
    /// The gradient of the last state that output <paramref name="output"/> gives. With <paramref name="emptyGivesZero"/> that of an empty
    /// sequence is zero and not the initial state.
    /// </summary>
    public SymbolicTensor LastGradient(int output, bool emptyGivesZero = true)
    {
        if (_node.OutputGradient(output) is not { } gradient)
            return ZeroState();
        var own = Own(gradient, 0);
        return _lengths is null || !emptyGivesZero ? own : _lengths.Unsqueeze(1).IsGreaterThan(0).Choose(own, 0);
    }

    /// <summary>The sequence with another value outside of the valid steps.</summary>
    public SymbolicTensor Valid(SymbolicTensor sequence, double otherwise) => IsValid is null ? sequence : IsValid.Choose(sequence, otherwise);

    /// <summary>The type of a sequence of the given width.</summary>
    public TensorType Sequence(long width) => new(X.ElementType, [X.Shape[0], X.Shape[1], width]);

    /// <summary>Gradients of the input and of the weights that it is multiplied with, given that of the products.</summary>
    public (SymbolicTensor X, SymbolicTensor W) Input(SymbolicTensor gradient) =>
        (gradient.MatMul(W), Product(gradient, X, W.Type));

    /// <summary>Σ over all steps of the outer products of two sequences.</summary>
    public SymbolicTensor Product(SymbolicTensor left, SymbolicTensor right, TensorType type) =>
        Graph.Node("Gemm", [Rows(left), Rows(right)], type, ("transA", 1L));

    private SymbolicTensor Rows(SymbolicTensor sequence)
    {
        Dimension rows = sequence.Shape[0].IsStatic && sequence.Shape[1].IsStatic ? sequence.Extent(0) * sequence.Extent(1) : Dimension.Unknown;
        return Graph.Node("Flatten", [sequence], new TensorType(sequence.ElementType, [rows, sequence.Shape[2]]), ("axis", 2L));
    }

    private SymbolicTensor PreviousHidden()
    {
        var all = Own(_node.RequireOutput(0, new TensorType(X.ElementType, [X.Shape[0], _count, X.Shape[1], Hidden])), 1).WithType(Sequence(Hidden));
        var first = InitialHidden.Unsqueeze(0);
        if (!IsReverse)
            return SymbolicTensor.Concat(0, first, all).Slice(0, 0, -1).WithType(all.Type);
        var previous = SymbolicTensor.Concat(0, all, first).Slice(0, 1, long.MaxValue).WithType(all.Type);
        // A shorter sequence begins at its own end.
        return _lengths is null ? previous : IsBefore(_lengths - 1).Choose(previous, InitialHidden).WithType(all.Type);
    }

    private SymbolicTensor IsBefore(SymbolicTensor lengths) =>
        _time!.IsLessThan(lengths).Unsqueeze(2).WithType(new TensorType(ElementType.Bool, [X.Shape[0], X.Shape[1], 1]));

    private SymbolicTensor ZeroState() =>
        Graph.Node(
            "ConstantOfShape",
            [X.Shape[1].IsStatic ? Graph.Integers(X.Extent(1), Hidden) : SymbolicTensor.Concat(0, X.ExtentOf(1), Graph.Integers(Hidden))],
            new TensorType(X.ElementType, [X.Shape[1], Hidden]), ("value", AttributeValue.TensorOf(0, X.ElementType)));

    /// <summary>The part of this direction.</summary>
    private SymbolicTensor Own(SymbolicTensor values, int axis)
    {
        if (_count == 1)
            return values.Squeeze(axis);
        var type = new TensorType(values.ElementType, [.. values.Shape.Where((_, place) => place != axis)]);
        return Graph.Node("Gather", [values, Graph.Scalar(_index, ElementType.Int64)], type, ("axis", (long)axis));
    }
}
