namespace OrtAdaMomentum.Tests.Gradients.Walks;

/// <summary>Operators that move elements, or reduce them, and shapes that are computed as exporters write them.</summary>
internal sealed partial class RandomModel
{
    private static readonly string[] Reductions = ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceSumSquare"];

    /// <summary>For a value of any number of axes.</summary>
    private void Shaping(Value value)
    {
        int axes = value.Shape.Length, last = value.Shape[^1];
        switch (_random.Next(8))
        {
            case 0:
                // The rows of a batch that is not known: its extent is asked for and joined to the rest.
                string shape = Temporary("Shape", [value.Name]);
                string batch = Temporary("Slice", [shape, Integers(0), Integers(1), Integers(0)]);
                string wanted = Temporary("Concat", [batch, Integers(value.Count)], ("axis", 0L));
                Node("Reshape", [value.Name, wanted], [value.Count]);
                break;
            case 1 when axes > 1:
                int axis = _random.Next(axes);
                string reduction = Reductions[_random.Next(Reductions.Length)];
                Node(reduction, [value.Name, Integers(axis + 1)], [.. value.Shape.Where((_, index) => index != axis)], ("keepdims", 0L));
                break;
            case 2:
                Node("CumSum", [value.Name, Integer(axes)], value.Shape, ("exclusive", (long)_random.Next(2)), ("reverse", (long)_random.Next(2)));
                break;
            case 3:
                // Broadcast against the values themselves: a sum that goes back over the axes.
                string most = Temporary("ReduceMax", [value.Name, Integers(axes)], ("keepdims", 1L));
                Node("Sub", [most, value.Name], value.Shape);
                break;
            case 4:
                Node("PRelu", [value.Name, Parameter(last)], value.Shape);
                break;
            case 5 when last is > 1 and <= 8:
                string[] found = [$"found{_names++}", $"places{_names++}"];
                _builder.Node("TopK", [value.Name, Integers(last - 1)], found, ("axis", -1L));
                _read.Add(value.Name);
                _values.Add(new Value(found[0], [.. value.Shape[..^1], last - 1]));
                break;
            case 6:
                Node("LpNormalization", [value.Name], value.Shape, ("axis", (long)axes), ("p", 2L));
                break;
            default:
                long[] repeats = [.. Enumerable.Repeat(1L, axes), 2];
                Node("Tile", [value.Name, Integers(repeats)], [.. value.Shape[..^1], 2 * last]);
                break;
        }
    }

    private string Integer(long value)
    {
        string name = $"integer{_names++}";
        _builder.Initializer(name, new[] { value });
        return name;
    }
}
