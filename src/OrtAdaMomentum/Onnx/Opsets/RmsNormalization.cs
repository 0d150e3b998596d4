using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>RMSNormalization exists from 23 on; before, it is x / sqrt(mean(x²) + ε) · scale.</summary>
internal static class RmsNormalization
{
    public static void WriteOut(NodeConversion conversion)
    {
        NodeProto node = conversion.Node;
        long axis = node.IntOr("axis", -1);
        if (conversion.InputType(0)?.ElementType is not (ElementType.Float or ElementType.Double))
        {
            conversion.Fail("it is written out for float and double only");
            return;
        }

        if (axis >= 0 && conversion.InputType(0)?.Rank is null)
        {
            conversion.Fail("the rank of its input is not known");
            return;
        }

        int rank = conversion.InputType(0)?.Rank ?? 0;
        long first = axis < 0 ? axis : axis - rank;
        long[] axes = [.. Enumerable.Range(0, (int)-first).Select(offset => first + offset)];
        string squares = conversion.Emit("Mul", [node.Input[0], node.Input[0]]);
        string mean = conversion.Emit("ReduceMean", [squares, conversion.AddConstant("axes", axes)], reduce => reduce.With("keepdims", 1));
        string epsilon = LikeInput.Scalar(conversion, "epsilon", node.FloatOr("epsilon", 1e-5f));
        string root = conversion.Emit("Sqrt", [conversion.Emit("Add", [mean, epsilon])]);
        conversion.EmitAs("Mul", [conversion.Emit("Div", [node.Input[0], root]), node.Input[1]], node.Output[0]);
        conversion.Finish();
    }
}
