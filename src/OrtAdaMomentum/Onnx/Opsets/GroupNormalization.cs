using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>GroupNormalization 21: scale and shift are per channel; before, they were per group.</summary>
internal static class GroupNormalization
{
    public static void Convert(NodeConversion conversion)
    {
        NodeProto node = conversion.Node;
        long groups = node.IntOr("num_groups", 1);
        string channelsPerGroup = PerGroup(conversion, groups);
        string repeats = conversion.Emit("Concat", [conversion.AddConstant("one", 1), channelsPerGroup], concat => concat.With("axis", 0));
        string column = conversion.AddConstant("column", -1, 1);
        string flat = conversion.AddConstant("flat", -1);
        for (int index = 1; index <= 2; index++)
        {
            // The parameter itself stays one value per group, so that it trains as the model was made.
            string asColumn = conversion.Emit("Reshape", [node.Input[index], column]);
            string repeated = conversion.Emit("Tile", [asColumn, repeats]);
            node.Input[index] = conversion.Emit("Reshape", [repeated, flat]);
        }
    }

    private static string PerGroup(NodeConversion conversion, long groups)
    {
        if (conversion.InputType(0)?.Shape is [_, { IsStatic: true } channels, ..] && channels.Extent % groups == 0)
            return conversion.AddConstant("channels_per_group", channels.Extent / groups);
        string count = conversion.Emit("Shape", [conversion.Node.Input[0]], shape => shape.With("start", 1).With("end", 2));
        return conversion.Emit("Div", [count, conversion.AddConstant("groups", groups)]);
    }
}
