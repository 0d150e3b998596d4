using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>CumProd exists from 26 on; before, it is a product over all places whose number is not above (or, reversed, not below) the own one.</summary>
internal static class CumProd
{
    public static void WriteOut(NodeConversion conversion)
    {
        NodeProto node = conversion.Node;
        if (conversion.InputType(0) is not { Shape: { } shape, ElementType: ElementType.Float or ElementType.Double }
            || conversion.Constant(node.Input[1]) is not { } axisTensor)
        {
            conversion.Fail("it is written out for float and double only, with a known rank and a constant axis");
            return;
        }

        long given = TensorData.ToLongs(axisTensor)[0];
        int axis = (int)(given < 0 ? given + shape.Count : given);
        if (axis < 0 || axis >= shape.Count || !shape[axis].IsStatic)
        {
            conversion.Fail($"axis {given} of its input {conversion.InputType(0)} has no fixed extent");
            return;
        }

        // [..., n, ...] becomes [..., 1, n, ...]; where the mask says no, the factor is one.
        int count = (int)shape[axis].Extent;
        long[] maskShape = [count, count, .. Enumerable.Repeat(1L, shape.Count - axis - 1)];
        bool exclusive = node.IntOr("exclusive", 0) != 0, reverse = node.IntOr("reverse", 0) != 0;
        bool Counts(int result, int factor) => factor == result ? !exclusive : reverse ? factor > result : factor < result;
        var mask = Enumerable.Range(0, count * count).Select(place => Counts(place / count, place % count)).ToArray();
        string keep = conversion.AddConstant("mask", name => TensorData.Create(name, mask, maskShape));
        string one = LikeInput.Scalar(conversion, "one", 1);
        string rows = conversion.Emit("Unsqueeze", [node.Input[0], conversion.AddConstant("row", axis)]);
        string factors = conversion.Emit("Where", [keep, rows, one]);
        conversion.EmitAs(
            "ReduceProd", [factors, conversion.AddConstant("axes", axis + 1)], node.Output[0], static reduce => reduce.With("keepdims", 0));
        conversion.Finish();
    }
}
