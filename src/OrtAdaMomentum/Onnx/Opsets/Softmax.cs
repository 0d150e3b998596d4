namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>
/// Softmax, LogSoftmax and Hardmax 13: they work along one axis; before, they worked along all axes from that one on, as if the tensor
/// had been flattened to a matrix there.
/// </summary>
internal static class Softmax
{
    public static void Convert(NodeConversion conversion)
    {
        long axis = conversion.Node.IntOr("axis", 1);
        if (conversion.InputType(0)?.Rank is { } rank && (axis == rank - 1 || axis == -1))
        {
            conversion.Node.With("axis", -1);
            return;
        }

        string input = conversion.Node.Input[0];
        string shape = conversion.Emit("Shape", [input]);
        string matrix = conversion.Emit("Flatten", [input], node => node.With("axis", axis));
        string result = conversion.Emit(conversion.Node.OpType, [matrix], node => node.With("axis", -1));
        conversion.EmitAs("Reshape", [result, shape], conversion.Node.Output[0]);
        conversion.Finish();
    }
}
