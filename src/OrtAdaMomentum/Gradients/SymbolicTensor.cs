using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients;

/// <summary>
/// A value of a graph, in which formulas are written: <c>g * (1 - y * y)</c> writes the nodes that compute it.
/// Operands broadcast as in ONNX; a number takes the element type of the tensor beside it.
/// </summary>
public sealed partial class SymbolicTensor
{
    internal SymbolicTensor(GraphBuilder graph, string name, TensorType type)
    {
        Graph = graph;
        Name = name;
        Type = type;
    }

    /// <summary>The graph that holds this value.</summary>
    public GraphBuilder Graph { get; }

    /// <summary>Name of the value in the graph.</summary>
    public string Name { get; }

    /// <summary>Element type and shape, as far as known.</summary>
    public TensorType Type { get; }

    /// <summary>Element type.</summary>
    public ElementType ElementType => Type.ElementType;

    /// <summary>The axes.</summary>
    /// <exception cref="UnknownShapeException">Not even the rank is known.</exception>
    public IReadOnlyList<Dimension> Shape => Type.Shape ?? throw new UnknownShapeException(Name, "its rank is not known");

    /// <summary>The number of axes.</summary>
    /// <exception cref="UnknownShapeException">The rank is not known.</exception>
    public int Rank => Shape.Count;

    /// <summary>The fixed extent of an axis (negative counts from the end).</summary>
    /// <exception cref="UnknownShapeException">The extent is not a fixed number.</exception>
    public long Extent(int axis)
    {
        var dimension = Shape[axis < 0 ? axis + Rank : axis];
        return dimension.IsStatic ? dimension.Extent : throw new UnknownShapeException(Name, $"axis {axis} has no fixed extent");
    }

    /// <summary>Elementwise sum.</summary>
    public static SymbolicTensor operator +(SymbolicTensor left, SymbolicTensor right) => left.Elementwise("Add", right);

    /// <summary>Sum with a constant.</summary>
    public static SymbolicTensor operator +(SymbolicTensor left, double right) => right == 0 ? left : left + left.Like(right);

    /// <summary>Sum with a constant.</summary>
    public static SymbolicTensor operator +(double left, SymbolicTensor right) => right + left;

    /// <summary>Elementwise difference.</summary>
    public static SymbolicTensor operator -(SymbolicTensor left, SymbolicTensor right) => left.Elementwise("Sub", right);

    /// <summary>Difference with a constant.</summary>
    public static SymbolicTensor operator -(SymbolicTensor left, double right) => right == 0 ? left : left - left.Like(right);

    /// <summary>Difference from a constant.</summary>
    public static SymbolicTensor operator -(double left, SymbolicTensor right) => left == 0 ? -right : right.Like(left) - right;

    /// <summary>Elementwise product.</summary>
    public static SymbolicTensor operator *(SymbolicTensor left, SymbolicTensor right) => left.Elementwise("Mul", right);

    /// <summary>Product with a constant.</summary>
    public static SymbolicTensor operator *(SymbolicTensor left, double right) => right switch
    {
        1 => left,
        -1 => -left,
        _ => left * left.Like(right),
    };

    /// <summary>Product with a constant.</summary>
    public static SymbolicTensor operator *(double left, SymbolicTensor right) => right * left;

    /// <summary>Elementwise quotient.</summary>
    public static SymbolicTensor operator /(SymbolicTensor left, SymbolicTensor right) => left.Elementwise("Div", right);

    /// <summary>Quotient by a constant.</summary>
    public static SymbolicTensor operator /(SymbolicTensor left, double right) => right == 1 ? left : left / left.Like(right);

    /// <summary>Quotient of a constant.</summary>
    public static SymbolicTensor operator /(double left, SymbolicTensor right) => left == 1 ? right.Unary("Reciprocal") : right.Like(left) / right;

    /// <summary>Negation.</summary>
    public static SymbolicTensor operator -(SymbolicTensor operand) => operand.Unary("Neg");

    /// <summary>An elementwise operator of one input, by its ONNX name, for example <c>Exp</c> or <c>Tanh</c>.</summary>
    public SymbolicTensor Unary(string operatorType) => Graph.Node(operatorType, [this], Type);

    /// <summary>e to the power of each element.</summary>
    public SymbolicTensor Exp() => Unary("Exp");

    /// <summary>Natural logarithm.</summary>
    public SymbolicTensor Log() => Unary("Log");

    /// <summary>Square root.</summary>
    public SymbolicTensor Sqrt() => Unary("Sqrt");

    /// <summary>Absolute value.</summary>
    public SymbolicTensor Abs() => Unary("Abs");

    /// <summary>-1, 0 or 1.</summary>
    public SymbolicTensor Sign() => Unary("Sign");

    /// <summary>Each element to the power of the other's.</summary>
    public SymbolicTensor Pow(SymbolicTensor exponent) => Elementwise("Pow", exponent);

    /// <summary>Where both are equal, as booleans.</summary>
    public SymbolicTensor IsEqualTo(SymbolicTensor other) => Compare("Equal", other);

    /// <summary>Where this is greater, as booleans.</summary>
    public SymbolicTensor IsGreaterThan(SymbolicTensor other) => Compare("Greater", other);

    /// <summary>Where this is greater than a constant, as booleans.</summary>
    public SymbolicTensor IsGreaterThan(double other) => Compare("Greater", Like(other));

    /// <summary>Where this is less, as booleans.</summary>
    public SymbolicTensor IsLessThan(SymbolicTensor other) => Compare("Less", other);

    /// <summary>Where this is less than a constant, as booleans.</summary>
    public SymbolicTensor IsLessThan(double other) => Compare("Less", Like(other));

    /// <summary>Of two boolean conditions: where both hold.</summary>
    public SymbolicTensor And(SymbolicTensor other) => Compare("And", other);

    /// <summary>Of two boolean conditions: where at least one holds.</summary>
    public SymbolicTensor Or(SymbolicTensor other) => Compare("Or", other);

    /// <summary>Of a boolean condition: <paramref name="yes"/> where it holds, <paramref name="no"/> elsewhere.</summary>
    public SymbolicTensor Choose(SymbolicTensor yes, SymbolicTensor no) =>
        Graph.Node(
            "Where", [this, yes, no],
            new TensorType(yes.ElementType, Broadcasting.Combine(Type.Shape, Broadcasting.Combine(yes.Type.Shape, no.Type.Shape))));

    /// <summary>Of a boolean condition: <paramref name="yes"/> where it holds, a constant elsewhere.</summary>
    public SymbolicTensor Choose(SymbolicTensor yes, double no) => Choose(yes, yes.Like(no));

    /// <summary>Of a boolean condition: a constant where it holds, <paramref name="no"/> elsewhere.</summary>
    public SymbolicTensor Choose(double yes, SymbolicTensor no)
    {
        ArgumentNullException.ThrowIfNull(no);
        return Choose(no.Like(yes), no);
    }

    /// <summary>The same values in another element type.</summary>
    public SymbolicTensor Cast(ElementType type) =>
        type == ElementType ? this : Graph.Node("Cast", [this], new TensorType(type, Type.Shape), ("to", (long)type));

    /// <summary>A constant scalar of this tensor's element type.</summary>
    public SymbolicTensor Like(double value) => Graph.Scalar(value, ElementType);

    /// <summary>The same value, of whose type more is known than the nodes that compute it tell.</summary>
    internal SymbolicTensor WithType(TensorType type) => new(Graph, Name, type);

    private SymbolicTensor Elementwise(string operatorType, SymbolicTensor other) =>
        Graph.Node(operatorType, [this, other], new TensorType(ElementType, Broadcasting.Combine(Type.Shape, other.Type.Shape)));

    private SymbolicTensor Compare(string operatorType, SymbolicTensor other) =>
        Graph.Node(operatorType, [this, other], new TensorType(ElementType.Bool, Broadcasting.Combine(Type.Shape, other.Type.Shape)));
}
