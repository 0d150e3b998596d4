using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>
/// TensorScatter exists from 24 on: it writes consecutive elements into a cache, beginning at a place of its own for each row of the
/// batch. Before, that is ScatterElements with the places written down.
/// </summary>
internal static class TensorScatter
{
    public static void WriteOut(NodeConversion conversion)
    {
        NodeProto node = conversion.Node;
        if ((conversion.InputType(0)?.Rank ?? conversion.InputType(1)?.Rank) is not { } rank)
        {
            conversion.Fail("the rank of its input is not known");
            return;
        }

        int axis = (int)(node.IntOr("axis", -2) is < 0 and var fromEnd ? fromEnd + rank : node.IntOr("axis", -2));
        string shape = conversion.Emit("Shape", [node.Input[1]]);
        string zero = conversion.AddConstant("zero", name => TensorData.Create(name, new long[] { 0 }, []));
        string one = conversion.AddConstant("one", name => TensorData.Create(name, new long[] { 1 }, []));
        string count = conversion.Emit("Gather", [shape, conversion.AddConstant("axis", name => TensorData.Create(name, new long[] { axis }, []))]);
        string places = conversion.Emit("Range", [zero, count, one]);
        places = conversion.Emit(
            "Unsqueeze", [places, conversion.AddConstant("around", [.. Enumerable.Range(0, rank).Where(place => place != axis).Select(static place => (long)place)])]);
        if (conversion.HasInput(2))
        {
            string starts = conversion.Emit(
                "Unsqueeze", [node.Input[2], conversion.AddConstant("behind", [.. Enumerable.Range(1, rank - 1).Select(static place => (long)place)])]);
            places = conversion.Emit("Add", [places, starts]);
        }

        if (node.TextOr("mode", "linear") == "circular")
        {
            string length = conversion.Emit("Shape", [node.Input[0]], cut => cut.With("start", axis).With("end", axis + 1));
            places = conversion.Emit("Mod", [places, length]);
        }

        string indices = conversion.Emit("Expand", [places, shape]);
        conversion.EmitAs("ScatterElements", [node.Input[0], indices, node.Input[1]], node.Output[0], scatter => scatter.With("axis", axis));
        conversion.Finish();
    }
}
