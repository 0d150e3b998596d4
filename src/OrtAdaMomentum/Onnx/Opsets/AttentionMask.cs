using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>What an Attention node adds to its scores: its mask, and a number so low that nothing is left of the keys that it hides.</summary>
internal sealed class AttentionMask
{
    private readonly string? _anyKey;

    private AttentionMask(string? added, string? anyKey)
    {
        Added = added;
        _anyKey = anyKey;
    }

    /// <summary>The value to add to the scores; null when there is nothing to add.</summary>
    public string? Added { get; }

    /// <summary>Why it cannot be told what the node hides; null when it can.</summary>
    public static string? Ambiguity(NodeConversion conversion) =>
        conversion.HasInput(6) && IsCausal(conversion) && conversion.InputType(0)?.ElementType is ElementType.Double
            ? "with nonpad_kv_seqlen, is_causal counts from the other end in double precision than it does in single precision"
            : null;

    public static AttentionMask Write(NodeConversion conversion, string scores, TensorType type)
    {
        NodeProto node = conversion.Node;
        string lowest = Scalar(conversion, type, "lowest", type.ElementType.Lowest());
        string? added = null;
        if (conversion.HasInput(3))
        {
            added = conversion.InputType(3)?.ElementType == ElementType.Bool
                ? conversion.Emit("Where", [node.Input[3], Scalar(conversion, type, "zero", 0), lowest])
                : conversion.Emit("Max", [node.Input[3], lowest]);
        }

        if (Hidden(conversion, scores) is { } hidden)
            added = conversion.Emit("Where", [hidden, lowest, added ?? Scalar(conversion, type, "zero", 0)]);

        // The causal mask alone leaves every query a key.
        if (added is null || !(conversion.HasInput(3) || conversion.HasInput(6)))
            return new AttentionMask(added, null);
        string highest = conversion.Emit("ReduceMax", [added, conversion.AddConstant("last", -1)], reduce => reduce.With("keepdims", 1));
        return new AttentionMask(added, conversion.Emit("Greater", [highest, lowest]));
    }

    /// <summary>The rows of <paramref name="value"/>, one per query, with zeros where every key is hidden.</summary>
    public string ZeroWhereAllHidden(NodeConversion conversion, string value) => _anyKey is null
        ? value
        : conversion.Emit("Where", [_anyKey, value, Scalar(conversion, conversion.InputType(0)!, "zero", 0)]);

    /// <summary>Which keys a query may not look at whatever the mask says; null when there are none.</summary>
    private static string? Hidden(NodeConversion conversion, string scores)
    {
        NodeProto node = conversion.Node;
        string? lengths = conversion.HasInput(6)
            ? conversion.Emit("Unsqueeze", [node.Input[6], conversion.AddConstant("axes", 1, 2, 3)])
            : null;
        if (!IsCausal(conversion))
            return lengths is null ? null : conversion.Emit("GreaterOrEqual", [Places(conversion, scores, 3), lengths]);

        string last = conversion.Emit("Unsqueeze", [Places(conversion, scores, 2), conversion.AddConstant("axis", 1)]);
        if (conversion.HasInput(4))
            last = conversion.Emit("Add", [last, Extent(conversion, node.Input[4], 2)]);
        if (lengths is not null)
        {
            // The last query stands at the last key that is no padding.
            string first = conversion.Emit("Sub", [lengths, Extent(conversion, scores, 2)]);
            last = conversion.Emit("Add", [last, first]);
        }

        string hidden = conversion.Emit("Greater", [Places(conversion, scores, 3), last]);
        if (!conversion.HasInput(4) || Length(conversion, 0).CertainlyEquals(Length(conversion, 1)))
            return hidden;
        // One query after earlier steps sees all keys that come with it.
        string several = conversion.Emit("Greater", [Extent(conversion, scores, 2), conversion.AddConstant("one", 1)]);
        string earlier = conversion.Emit("Greater", [Extent(conversion, node.Input[4], 2), conversion.AddConstant("none", 0)]);
        string applies = conversion.Emit("Or", [several, conversion.Emit("Not", [earlier])]);
        return conversion.Emit("And", [hidden, applies]);
    }

    private static Dimension Length(NodeConversion conversion, int input) => conversion.InputType(input)?.Shape?[^2] ?? Dimension.Unknown;

    private static bool IsCausal(NodeConversion conversion) => conversion.Node.IntOr("is_causal", 0) == 1;

    /// <summary>The numbers 0, 1, 2 and so on, one for each place along an axis of the scores.</summary>
    private static string Places(NodeConversion conversion, string scores, int axis)
    {
        string count = conversion.Emit("Squeeze", [Extent(conversion, scores, axis)]);
        string zero = conversion.AddConstant("start", static name => TensorData.Scalar(name, 0L));
        string one = conversion.AddConstant("step", static name => TensorData.Scalar(name, 1L));
        return conversion.Emit("Range", [zero, count, one]);
    }

    private static string Extent(NodeConversion conversion, string value, int axis) =>
        conversion.Emit("Shape", [value], node => node.With("start", axis).With("end", axis + 1));

    private static string Scalar(NodeConversion conversion, TensorType type, string purpose, double value) =>
        conversion.AddConstant(purpose, name => TensorData.Create(name, type.ElementType, [value], []));
}
