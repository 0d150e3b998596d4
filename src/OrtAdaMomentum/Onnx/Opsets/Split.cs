namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>Split: the lengths moved to an input (13); without them the number of parts must be said (18).</summary>
internal static class Split
{
    public static void LengthsToInput(NodeConversion conversion)
    {
        long[]? lengths = conversion.Node.Ints("split");
        conversion.Node.RemoveAttribute("split");
        if (lengths is not null)
            conversion.SetInput(1, conversion.AddConstant("split", lengths));
    }

    public static void SayNumberOfParts(NodeConversion conversion)
    {
        if (!conversion.HasInput(1))
            conversion.Node.With("num_outputs", conversion.Node.Output.Count);
    }
}
