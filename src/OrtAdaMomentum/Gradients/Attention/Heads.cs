using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Attention;

/// <summary>Between a hidden axis and one axis per head.</summary>
internal static class Heads
{
    /// <summary>[batch, positions, heads * size] as [batch, positions, heads, size].</summary>
    public static SymbolicTensor Split(SymbolicTensor x, long heads) =>
        x.Reshape(0, 0, heads, x.Shape[2] is { IsStatic: true } width ? width.Extent / heads : -1);

    /// <summary>[batch, positions, heads * size] as [batch, heads, positions, size].</summary>
    public static SymbolicTensor First(SymbolicTensor x, long heads) => Split(x, heads).Transpose(0, 2, 1, 3);

    /// <summary>[batch, positions, heads, size] as [batch, positions, heads * size].</summary>
    public static SymbolicTensor Join(SymbolicTensor x) =>
        x.Reshape(0, 0, x.Shape is [.., { IsStatic: true } heads, { IsStatic: true } size] ? heads.Extent * size.Extent : -1);

    /// <summary>Parts of the last axis one after the other.</summary>
    /// <param name="x">What to split.</param>
    /// <param name="sizes">How wide the parts are, as a list of integers.</param>
    /// <param name="widths">The same, as far as it is known.</param>
    public static SymbolicTensor[] Parts(SymbolicTensor x, SymbolicTensor sizes, params Dimension[] widths)
    {
        TensorType[] types = [.. widths.Select(width => new TensorType(x.ElementType, [.. x.Shape.SkipLast(1), width]))];
        return x.Graph.Nodes("Split", [x, sizes], types, ("axis", -1L));
    }
}
