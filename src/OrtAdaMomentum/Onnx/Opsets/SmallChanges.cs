using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>Changes of one line each.</summary>
internal static class SmallChanges
{
    /// <summary>Scatter was renamed.</summary>
    public static void Scatter(NodeConversion conversion) => conversion.Node.OpType = "ScatterElements";

    /// <summary>RoiAlign 16 shifts by half a pixel unless told not to.</summary>
    public static void RoiAlign(NodeConversion conversion) =>
        conversion.Node.With("coordinate_transformation_mode", "output_half_pixel");

    /// <summary>GridSample 20 names its modes without a number of axes.</summary>
    public static void GridSample(NodeConversion conversion)
    {
        string mode = conversion.Node.TextOr("mode", "bilinear");
        conversion.Node.With("mode", mode switch { "bilinear" => "linear", "bicubic" => "cubic", _ => mode });
    }

    /// <summary>DFT 20 has its axis as an input, and counts a missing one from the other end.</summary>
    public static void Dft(NodeConversion conversion)
    {
        long axis = conversion.Node.IntOr("axis", 1);
        conversion.Node.RemoveAttribute("axis");
        conversion.SetInput(2, conversion.AddConstant("axis", name => TensorData.Scalar(name, axis)));
    }

    /// <summary>A new attribute that only matters for element types which the older version does not have.</summary>
    public static Action<NodeConversion> Forget(string attribute) => conversion => conversion.Node.RemoveAttribute(attribute);

    /// <summary>A new attribute that the older version has no way to say.</summary>
    public static Action<NodeConversion> Refuse(string attribute) => conversion =>
    {
        AttributeProto? present = conversion.Node.Find(attribute);
        if (present is { I: not 0 })
            conversion.Fail($"attribute {attribute} exists in newer versions only");
        conversion.Node.RemoveAttribute(attribute);
    };
}
