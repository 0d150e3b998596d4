namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>Squeeze, Unsqueeze and the reductions: the axes moved from an attribute to an input.</summary>
internal static class AxesToInput
{
    public static void Convert(NodeConversion conversion)
    {
        long[]? axes = conversion.Node.Ints("axes");
        conversion.Node.RemoveAttribute("axes");
        if (axes is not null)
            conversion.SetInput(1, conversion.AddConstant("axes", axes));
    }
}
