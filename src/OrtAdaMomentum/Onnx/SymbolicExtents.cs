using System.Globalization;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>
/// Names the extents that ONNX Runtime's inference leaves open. Behind a Reshape it forgets that a batch is still the same batch; so it is
/// asked again, twice, with numbers in the place of the symbols: extents that are the same in both answers, whatever
/// the numbers were, are the same extent.
/// </summary>
internal static class SymbolicExtents
{
    // One number for each symbol in both rounds. The first are multiples of this, which pass through strides and patches; the second leave
    // the greatest remainder there is, so that rounding up and rounding down are told apart. The smaller multiple is for models
    // that take no long sequences.
    private static readonly int[] Multiples = [64, 8];

    /// <summary>The types, with a name for every extent of which something could be found out.</summary>
    public static IReadOnlyDictionary<string, TensorType> Name(ModelProto model, IReadOnlyDictionary<string, TensorType> types)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(types);
        var produced = model.Graph.Node.SelectMany(static node => node.Output).ToHashSet();
        if (!types.Any(pair => produced.Contains(pair.Key) && IsOpen(pair.Value)))
            return types;

        var inputs = model.Graph.Input.Where(input => types.ContainsKey(input.Name)).ToList();
        var named = inputs.ToDictionary(static input => input.Name, input => NameAxes(input.Name, types[input.Name]));
        string[] symbols =
        [
            .. named.Values.SelectMany(static type => type.Shape ?? []).Select(static axis => axis.Symbol).OfType<string>().Distinct(),
        ];
        if (symbols.Length == 0)
            return types;
        foreach (int multiple in Multiples)
        {
            var numbers = Numbers(symbols, multiple);
            if (Ask(model, named, numbers, first: true) is { } one && Ask(model, named, numbers, first: false) is { } two)
                return Name(types, named, numbers, one, two);
        }

        return types;
    }

    private static Dictionary<string, TensorType> Name(
        IReadOnlyDictionary<string, TensorType> types, Dictionary<string, TensorType> named, Dictionary<string, (long First, long Second)> numbers,
        Dictionary<string, TensorType> one, Dictionary<string, TensorType> two)
    {
        var names = new ExtentNames(numbers);
        var result = new Dictionary<string, TensorType>(types, StringComparer.Ordinal);
        foreach (var (value, type) in types)
        {
            if (named.TryGetValue(value, out var input))
                result[value] = input;
            else if (type.Shape is { } shape && !type.IsStatic && Extents(one, value) is { } a && Extents(two, value) is { } b
                && a.Length == shape.Count && b.Length == shape.Count)
                result[value] = type with { Shape = [.. shape.Select((axis, place) => axis.IsStatic ? axis : names.Of(a[place], b[place]) ?? axis)] };
        }

        return result;
    }

    private static bool IsOpen(TensorType type) => type.Shape is { } shape && shape.Any(static axis => !axis.IsStatic && axis.Symbol is null);

    private static TensorType NameAxes(string input, TensorType type) => type.Shape is not { } shape ? type : type with
    {
        Shape =
        [
            .. shape.Select((axis, place) =>
                axis.IsStatic || axis.Symbol is not null ? axis : Dimension.Named(string.Create(CultureInfo.InvariantCulture, $"{input}.{place}"))),
        ],
    };

    private static Dictionary<string, (long First, long Second)> Numbers(string[] symbols, int multiple)
    {
        var primes = Enumerable.Range(3, int.MaxValue - 3).Where(IsPrime).GetEnumerator();
        var wide = Enumerable.Range(1, int.MaxValue / multiple - 1).Select(step => (step * multiple) + multiple - 1).Where(IsPrime).GetEnumerator();
        var numbers = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        foreach (string symbol in symbols)
        {
            primes.MoveNext();
            wide.MoveNext();
            numbers.Add(symbol, (primes.Current * multiple, wide.Current));
        }

        return numbers;

        static bool IsPrime(int value)
        {
            for (int divisor = 2; divisor * divisor <= value; divisor++)
            {
                if (value % divisor == 0)
                    return false;
            }

            return true;
        }
    }

    private static Dictionary<string, TensorType>? Ask(
        ModelProto model, Dictionary<string, TensorType> inputs, Dictionary<string, (long First, long Second)> numbers, bool first)
    {
        var graph = new GraphProto { Name = model.Graph.Name };
        graph.Node.AddRange(model.Graph.Node);
        graph.Initializer.AddRange(model.Graph.Initializer);
        graph.SparseInitializer.AddRange(model.Graph.SparseInitializer);
        foreach (var input in model.Graph.Input)
        {
            graph.Input.Add(!inputs.TryGetValue(input.Name, out var type) || type.Shape is not { } shape ? input : TensorTypes.ToProto(
                input.Name,
                type with
                {
                    Shape = [.. shape.Select(axis => axis.Symbol is not { } symbol ? axis : first ? numbers[symbol].First : numbers[symbol].Second)],
                }));
        }

        var asked = new ModelProto { IrVersion = model.IrVersion, Graph = graph };
        asked.OpsetImport.AddRange(model.OpsetImport);
        asked.Functions.AddRange(model.Functions);
        try
        {
            return RuntimeTypes.InferFixed(asked);
        }
        catch (OnnxModelException)
        {
            // The model takes these extents in no such combination; then nothing is known of them.
            return null;
        }
    }

    private static long[]? Extents(Dictionary<string, TensorType> types, string value) =>
        types.GetValueOrDefault(value)?.Shape is { } shape ? [.. shape.Select(static axis => axis.IsStatic ? axis.Extent : -1)] : null;

    /// <summary>One name for each pair of answers.</summary>
    private sealed class ExtentNames(Dictionary<string, (long First, long Second)> numbers)
    {
        private readonly Dictionary<(long, long), Dimension> _known = numbers.ToDictionary(static pair => pair.Value, static pair => Dimension.Named(pair.Key));

        /// <summary>The extent; null where it was not found, or did not depend on the numbers (it may still be bounded by one).</summary>
        public Dimension? Of(long first, long second)
        {
            if (first < 0 || second < 0 || first == second)
                return null;
            if (!_known.TryGetValue((first, second), out var known))
                _known[(first, second)] = known = Dimension.Named(Describe(first, second));
            return known;
        }

        private string Describe(long first, long second)
        {
            foreach (var (symbol, (a, b)) in numbers)
            {
                if (first % a == 0 && second % b == 0 && first / a == second / b)
                    return string.Create(CultureInfo.InvariantCulture, $"{first / a}*{symbol}");
            }

            string name = string.Create(CultureInfo.InvariantCulture, $"extent_{_known.Count}");
            while (numbers.ContainsKey(name))
                name += "_";
            return name;
        }
    }
}
