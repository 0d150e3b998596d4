namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>Pad 11: the widths and the fill value became inputs.</summary>
internal static class Pad
{
    public static void Convert(NodeConversion conversion)
    {
        long[] pads = conversion.Node.Ints("pads") ?? [];
        float value = conversion.Node.FloatOr("value", 0);
        conversion.Node.RemoveAttribute("pads");
        conversion.Node.RemoveAttribute("value");
        conversion.SetInput(1, conversion.AddConstant("pads", pads));
        if (value != 0)
            conversion.SetInput(2, LikeInput.Scalar(conversion, "value", value));
    }
}
