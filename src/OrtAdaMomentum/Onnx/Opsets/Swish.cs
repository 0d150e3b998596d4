using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>Swish exists from 24 on; before, it is x · sigmoid(α x).</summary>
internal static class Swish
{
    public static void WriteOut(NodeConversion conversion)
    {
        NodeProto node = conversion.Node;
        float alpha = node.FloatOr("alpha", 1);
        string scaled = alpha == 1 ? node.Input[0] : conversion.Emit("Mul", [node.Input[0], LikeInput.Scalar(conversion, "alpha", alpha)]);
        conversion.EmitAs("Mul", [node.Input[0], conversion.Emit("Sigmoid", [scaled])], node.Output[0]);
        conversion.Finish();
    }
}
