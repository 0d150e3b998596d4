using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>RotaryEmbedding exists from 23 on; before, it is a rotation of pairs of the last axis by angles that depend on the position.</summary>
internal static class RotaryEmbedding
{
    public static void WriteOut(NodeConversion conversion)
    {
        NodeProto node = conversion.Node;
        if (conversion.InputType(0) is not { Rank: 3 or 4 } type)
        {
            conversion.Fail("the rank of its input is not known");
            return;
        }

        bool isFlat = type.Rank == 3;
        long heads = node.IntOr("num_heads", 0);
        if (isFlat && heads <= 0)
        {
            conversion.Fail("it has no num_heads");
            return;
        }

        long? size = type.Shape![^1] is { IsStatic: true } last ? (isFlat ? last.Extent / heads : last.Extent) : null;
        string x = isFlat
            ? conversion.Emit("Reshape", [node.Input[0], conversion.AddConstant("heads", 0, 0, heads, size ?? -1)])
            : node.Input[0];
        var (cosine, sine) = (Angles(conversion, 1, isFlat), Angles(conversion, 2, isFlat));
        bool interleaved = node.IntOr("interleaved", 0) == 1;
        long width = node.IntOr("rotary_embedding_dim", 0);
        string[] parts;
        if (width == 0 || width == size)
        {
            parts = Rotated(conversion, x, cosine, sine, interleaved);
        }
        else
        {
            string turned = SliceOf(conversion, x, 0, width), rest = SliceOf(conversion, x, width, long.MaxValue);
            parts = [.. Rotated(conversion, turned, cosine, sine, interleaved), rest];
        }

        // A single part is complete; several are put one after the other.
        string y = parts.Length == 1 ? parts[0] : conversion.Emit("Concat", parts, concat => concat.With("axis", -1));
        if (isFlat)
            conversion.EmitAs("Reshape", [y, conversion.AddConstant("flat", 0, 0, -1)], node.Output[0]);
        else
            conversion.LastEmitted.Output[0] = node.Output[0];
        conversion.Finish();
    }

    /// <summary>The rotated elements: two halves, or one part where pairs lie beside each other.</summary>
    private static string[] Rotated(NodeConversion conversion, string x, string cosine, string sine, bool interleaved)
    {
        string pairs = interleaved ? conversion.Emit("Reshape", [x, conversion.AddConstant("pairs", 0, 0, 0, -1, 2)]) : x;
        if (interleaved)
        {
            string axis = conversion.AddConstant("axis", -1);
            (cosine, sine) = (conversion.Emit("Unsqueeze", [cosine, axis]), conversion.Emit("Unsqueeze", [sine, axis]));
        }

        var (first, second) = conversion.EmitHalves(pairs, -1);
        string[] turned =
        [
            conversion.Emit("Sub", [conversion.Emit("Mul", [first, cosine]), conversion.Emit("Mul", [second, sine])]),
            conversion.Emit("Add", [conversion.Emit("Mul", [second, cosine]), conversion.Emit("Mul", [first, sine])]),
        ];
        if (!interleaved)
            return turned;
        string together = conversion.Emit("Concat", turned, concat => concat.With("axis", -1));
        return [conversion.Emit("Reshape", [together, conversion.AddConstant("joined", 0, 0, 0, -1)])];
    }

    /// <summary>Cosines or sines of each position, with an axis of one for the heads.</summary>
    private static string Angles(NodeConversion conversion, int input, bool isFlat)
    {
        NodeProto node = conversion.Node;
        string angles = conversion.HasInput(3) ? conversion.Emit("Gather", [node.Input[input], node.Input[3]]) : node.Input[input];
        return conversion.Emit("Unsqueeze", [angles, conversion.AddConstant("axis", isFlat ? 2 : 1)]);
    }

    private static string SliceOf(NodeConversion conversion, string x, long start, long end) => conversion.Emit(
        "Slice", [x, conversion.AddConstant("start", start), conversion.AddConstant("end", end), conversion.AddConstant("axis", -1)]);
}
