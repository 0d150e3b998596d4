using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.LinearAlgebra;

/// <summary>
/// Sums of products over lettered axes. The gradient of an operand is again one: of the output's gradient and all other operands, over
/// what the operand does not have. Along an axis that no other has it is repeated; where a letter is repeated it goes to the diagonal.
/// </summary>
internal static class EinsumGradient
{
    public static readonly GradientRule Rule = new("Einsum", static node =>
    {
        var (inputs, g) = Operands(node);
        return
        [
            .. inputs.Select((input, index) => node.Needs(index) ? Differentiate(input, [g, .. inputs.Where((_, other) => other != index)]) : null),
        ];
    });

    private static (Operand[] Inputs, Operand Gradient) Operands(GradientContext node)
    {
        SymbolicTensor[] values = [.. Enumerable.Range(0, node.InputCount).Select(node.Input)];
        var equation = EinsumEquation.Parse(node.Text("equation", string.Empty), [.. values.Select(static value => value.Rank)]);
        Operand[] inputs = [.. values.Zip(equation.Inputs, static (value, letters) => new Operand(value, letters))];

        // The inputs tell more of the output's axes than ONNX Runtime infers, and sometimes the contrary.
        Dimension[] extents = [.. equation.Output.Select(letter => Extent(inputs, letter))];
        if (node.Output().Type.Shape is { } inferred && inferred.Zip(extents).Any(static pair => pair.First.Is(1) && !pair.Second.Is(1)))
        {
            throw new FineTuningException(
                "ONNX Runtime takes an axis of its output for 1 that a later input makes wider; give the input whose axis is 1 after the wider one, "
                + "or expand it before");
        }

        return (inputs, new Operand(node.Gradient.WithType(new TensorType(node.Gradient.ElementType, extents)), equation.Output));
    }

    private static SymbolicTensor Differentiate(Operand x, Operand[] factors)
    {
        // An axis of extent 1 that the others have wider was broadcast: it is not kept but summed over.
        string kept = new(
            [.. x.Letters.Distinct().Where(letter => factors.Any(factor => factor.Has(letter)) && !x.Extents(letter).First().Is(1))]);
        var gradient = Product(factors, kept);
        if (kept.Length > 0)
            gradient = gradient.Unsqueeze([.. Enumerable.Range(0, x.Letters.Length).Except(kept.Select(letter => x.Letters.IndexOf(letter)))]);
        if (Diagonal(x) is { } diagonal)
            gradient = diagonal.Choose(gradient, 0);
        return Fit(gradient, x.Value).WithType(x.Value.Type);
    }

    /// <summary>The factors multiplied, over axes in the order of <paramref name="kept"/>; the other axes are summed.</summary>
    private static SymbolicTensor Product(Operand[] factors, string kept)
    {
        Operand[] narrowed = [.. factors.Select(factor => factor.Without(letter => !Extent(factors, letter).Is(1)))];
        Operand[] scalars = [.. narrowed.Where(static factor => factor.Letters.Length == 0)];
        Operand[] others = [.. narrowed.Where(static factor => factor.Letters.Length > 0)];
        SymbolicTensor? product = null;
        if (others is [var only] && only.Letters == kept)
            product = only.Value;
        else if (others.Length > 0)
        {
            product = others[0].Value.Graph.Node(
                "Einsum", [.. others.Select(static other => other.Value)],
                new TensorType(others[0].Value.ElementType, [.. kept.Select(letter => Extent(others, letter))]),
                ("equation", $"{string.Join(',', others.Select(static other => other.Letters))}->{kept}"));
        }

        return scalars.Aggregate(product, static (value, scalar) => value is null ? scalar.Value : value * scalar.Value)!;
    }

    /// <summary>Where all places along axes of the same letter are equal, as booleans; null when no letter is repeated.</summary>
    private static SymbolicTensor? Diagonal(Operand x)
    {
        SymbolicTensor? diagonal = null;
        for (int axis = 0; axis < x.Letters.Length; axis++)
        {
            int first = x.Letters.IndexOf(x.Letters[axis]);
            if (first == axis || x.Value.Shape[axis].Is(1))
                continue;
            var equal = PlacesOf(x.Value, first).IsEqualTo(PlacesOf(x.Value, axis));
            diagonal = diagonal is null ? equal : diagonal.And(equal);
        }

        return diagonal;
    }

    /// <summary>The places along an axis, laid out along that axis.</summary>
    private static SymbolicTensor PlacesOf(SymbolicTensor x, int axis) =>
        x.PlacesAlong(axis).Unsqueeze([.. Enumerable.Range(0, x.Rank).Where(other => other != axis)]);

    /// <summary>Repeated along the axes that are still 1, and summed over those that are wider than the operand's.</summary>
    private static SymbolicTensor Fit(SymbolicTensor gradient, SymbolicTensor x)
    {
        bool isNarrow = gradient.Rank < x.Rank
            || gradient.Shape.Zip(x.Shape).Any(static pair => !pair.First.CertainlyEquals(pair.Second) && (!pair.First.IsStatic || pair.First.Is(1)));
        if (isNarrow)
        {
            var wide = new TensorType(gradient.ElementType, Broadcasting.Combine(gradient.Type.Shape, x.Type.Shape));
            gradient = gradient.Graph.Node("Expand", [gradient, x.ShapeOf()], wide);
        }

        return Broadcasting.SumTo(gradient, x);
    }

    /// <summary>The extent of a letter's axes, of which those of 1 are broadcast.</summary>
    private static Dimension Extent(IEnumerable<Operand> operands, char letter) =>
        operands.SelectMany(operand => operand.Extents(letter))
            .Select(static extent => (IReadOnlyList<Dimension>?)[extent]).Aggregate(Broadcasting.Combine)![0];

    /// <summary>A value and the letters of its axes.</summary>
    private sealed record Operand(SymbolicTensor Value, string Letters)
    {
        public bool Has(char letter) => Letters.Contains(letter, StringComparison.Ordinal);

        /// <summary>Without axes of extent 1 that others have wider, which ONNX Runtime's inference would take for the width of all.</summary>
        public Operand Without(Func<char, bool> isWide)
        {
            int[] axes = [.. Enumerable.Range(0, Letters.Length).Where(axis => Value.Shape[axis].Is(1) && isWide(Letters[axis]))];
            return axes.Length == 0 ? this : new Operand(Value.Squeeze(axes), string.Concat(Letters.Where((_, axis) => !axes.Contains(axis))));
        }

        public IEnumerable<Dimension> Extents(char letter) => Value.Shape.Where((_, axis) => Letters[axis] == letter);
    }
}
