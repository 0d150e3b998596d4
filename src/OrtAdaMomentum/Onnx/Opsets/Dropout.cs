using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>Dropout 12: the ratio became an input. Older nodes are always inactive, and so is a new one without a training flag.</summary>
internal static class Dropout
{
    public static void Convert(NodeConversion conversion)
    {
        if (conversion.Opset < 10 && conversion.IsOutputRead(1))
        {
            conversion.Fail("its mask was a number then and is a truth value now");
            return;
        }

        AttributeProto? ratio = conversion.Node.Find("ratio");
        conversion.Node.RemoveAttribute("ratio");
        if (ratio is not null)
            conversion.SetInput(1, conversion.AddConstant("ratio", name => TensorData.Scalar(name, ratio.F)));
    }
}
