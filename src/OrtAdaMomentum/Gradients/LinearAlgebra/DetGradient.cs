using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.LinearAlgebra;

/// <summary>
/// The determinant of matrices in the last two axes. Its derivative by an element is the element's cofactor: the determinant of what is
/// left without its row and column, with a sign. So it is right for singular matrices too. All minors are written side by side, which
/// takes n⁴ elements for a matrix of n rows.
/// </summary>
internal static class DetGradient
{
    public static readonly GradientRule Rule = new("Det", static node =>
    {
        var x = node.Input(0);
        var g = node.Gradient.Unsqueeze(-2, -1);
        if (x.Shape[^1].Is(1) || x.Shape[^2].Is(1))
            return [g.WithType(x.Type)];
        return [(g * Signs(x) * Minors(x)).WithType(x.Type)];
    });

    private static SymbolicTensor Minors(SymbolicTensor x)
    {
        int rank = x.Rank;
        var (others, graph) = (Others(x), x.Graph);
        Dimension[] batch = [.. x.Shape.Take(rank - 2)];
        var (extent, fewer) = (others.Shape[0], others.Shape[1]);

        // Row i or column j left out, on axes of their own: matrices by i and j.
        var rows = graph.Node("Gather", [x, others], new TensorType(x.ElementType, [.. batch, extent, fewer, extent]), ("axis", rank - 2L));
        var both = graph.Node(
            "Gather", [rows, others], new TensorType(x.ElementType, [.. batch, extent, fewer, extent, fewer]), ("axis", (long)rank));
        int[] matricesLast = [.. Enumerable.Range(0, rank - 1), rank, rank - 1, rank + 1];
        return graph.Node("Det", [both.Transpose(matricesLast)], new TensorType(x.ElementType, [.. batch, extent, extent]));
    }

    /// <summary>A table whose row i has the numbers of all rows of the matrix but i.</summary>
    private static SymbolicTensor Others(SymbolicTensor x)
    {
        if (x.Shape[^1] is { IsStatic: true, Extent: long extent })
        {
            var numbers = Enumerable.Range(0, (int)extent);
            return x.Graph.Numbers(
                [.. numbers.SelectMany(left => numbers.Where(number => number != left)).Select(static number => (double)number)],
                ElementType.Int64, extent, Math.Max(0, extent - 1));
        }

        // From i on, each is one further.
        var places = x.PlacesAlong(-1);
        var fewer = places.Slice(0, 0, -1);
        return fewer + 1 - fewer.IsLessThan(places.Unsqueeze(1)).Cast(ElementType.Int64);
    }

    /// <summary>1 and -1 in turn along rows and columns.</summary>
    private static SymbolicTensor Signs(SymbolicTensor x)
    {
        if (x.Shape[^1] is { IsStatic: true, Extent: long extent })
        {
            var numbers = Enumerable.Range(0, (int)extent);
            return x.Graph.Numbers(
                [.. numbers.SelectMany(row => numbers.Select(column => (row + column) % 2 == 0 ? 1.0 : -1))], x.ElementType, extent, extent);
        }

        var places = x.PlacesAlong(-1);
        return x.Like(-1).Pow((places + places.Unsqueeze(1)).Cast(x.ElementType));
    }
}
