using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>
/// Where the updates of a ScatterElements or ScatterND node go: reads from these places and writes to them, whatever way they are given.
/// </summary>
internal abstract class ScatterTarget(GradientContext node)
{
    /// <summary>The places, as the node takes them.</summary>
    protected SymbolicTensor Indices => Node.Input(1);

    /// <summary>The node.</summary>
    protected GradientContext Node { get; } = node;

    /// <summary>The type of values in the shape of the updates.</summary>
    protected TensorType UpdateType(ElementType type) => new(type, Node.Input(2).Type.Shape);

    /// <summary>For every update the element of <paramref name="values"/>, which has the shape of the data, at its place.</summary>
    public abstract SymbolicTensor Gather(SymbolicTensor values);

    /// <summary>Puts zeros into <paramref name="values"/> wherever an update goes.</summary>
    public abstract SymbolicTensor Clear(SymbolicTensor values);

    /// <summary>Combines <paramref name="values"/> with <paramref name="updates"/>, any number of them at the same place.</summary>
    public abstract SymbolicTensor Combine(SymbolicTensor values, SymbolicTensor updates, string reduction);

    /// <summary>Places by index along one axis.</summary>
    public sealed class Elements(GradientContext node) : ScatterTarget(node)
    {
        public override SymbolicTensor Gather(SymbolicTensor values) =>
            values.Graph.Node("GatherElements", [values, Indices], UpdateType(values.ElementType), ("axis", Node.Integer("axis", 0)));

        public override SymbolicTensor Clear(SymbolicTensor values) => Scatter(values, values.Graph.ZerosLike(Node.Input(2)), "none");

        public override SymbolicTensor Combine(SymbolicTensor values, SymbolicTensor updates, string reduction) => Scatter(values, updates, reduction);

        private SymbolicTensor Scatter(SymbolicTensor values, SymbolicTensor updates, string reduction) =>
            values.Graph.Node(
                "ScatterElements", [values, Indices, updates], values.Type, ("axis", Node.Integer("axis", 0)), ("reduction", reduction));
    }

    /// <summary>Places by tuples of indices, of elements or of slices.</summary>
    public sealed class Tuples(GradientContext node) : ScatterTarget(node)
    {
        public override SymbolicTensor Gather(SymbolicTensor values) =>
            values.Graph.Node("GatherND", [values, Indices], UpdateType(values.ElementType));

        public override SymbolicTensor Clear(SymbolicTensor values) =>
            values.Graph.Node("ScatterND", [values, Indices, values.Graph.ZerosLike(Node.Input(2))], values.Type);

        // By the number of each element: ScatterND combines from several threads at once and so loses updates where a place is repeated.
        public override SymbolicTensor Combine(SymbolicTensor values, SymbolicTensor updates, string reduction)
        {
            var places = Gather(ElementSources.Numbers(values)).Reshape(-1);
            return values.Graph.Node(
                "ScatterElements", [values.Reshape(-1), places, updates.Reshape(-1)],
                new TensorType(values.ElementType, [Dimension.Unknown]), ("axis", 0L), ("reduction", reduction)).ReshapeLike(values);
        }
    }
}
