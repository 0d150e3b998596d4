namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>Slice 10: starts, ends and axes became inputs.</summary>
internal static class Slice
{
    public static void Convert(NodeConversion conversion)
    {
        int index = 1;
        foreach (string name in (string[])["starts", "ends", "axes"])
        {
            long[]? values = conversion.Node.Ints(name);
            conversion.Node.RemoveAttribute(name);
            if (values is not null)
                conversion.SetInput(index, conversion.AddConstant(name, values));
            index++;
        }
    }
}
