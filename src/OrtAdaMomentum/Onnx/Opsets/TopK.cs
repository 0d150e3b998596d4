namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>TopK 10: the number of elements became an input.</summary>
internal static class TopK
{
    public static void Convert(NodeConversion conversion)
    {
        long count = conversion.Node.IntOr("k", 0);
        conversion.Node.RemoveAttribute("k");
        conversion.SetInput(1, conversion.AddConstant("k", count));
    }
}
