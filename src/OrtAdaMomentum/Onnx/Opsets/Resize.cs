using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>Resize 11 asks where the pixels lie; Upsample and Resize 10 are the case of one fixed answer.</summary>
internal static class Resize
{
    /// <summary>Upsample 9: the scales became an input.</summary>
    public static void UpsampleScalesToInput(NodeConversion conversion)
    {
        AttributeProto? scales = conversion.Node.Find("scales");
        conversion.Node.RemoveAttribute("scales");
        if (scales is null)
            return;
        float[] values = [.. scales.Floats];
        conversion.SetInput(1, conversion.AddConstant("scales", name => TensorData.Create(name, values, values.Length)));
    }

    /// <summary>Upsample, and Resize 10, which differs from it only in that it may also shrink.</summary>
    public static void FromUpsample(NodeConversion conversion)
    {
        NodeProto node = conversion.Node;
        string mode = node.TextOr("mode", "nearest");
        string? rounding = mode == "nearest" ? Rounding(conversion) : "";
        if (rounding is null)
        {
            GrowThenShrink(conversion);
            return;
        }

        node.OpType = "Resize";
        string scales = node.Input[1];
        conversion.SetInput(1, "");
        conversion.SetInput(2, scales);
        node.With("mode", mode == "bilinear" ? "linear" : mode).With("coordinate_transformation_mode", "asymmetric");
        if (rounding.Length > 0)
            node.With("nearest_mode", rounding);
        conversion.FinishWithNode();
    }

    /// <summary>Resize 13 dropped one way of laying the pixels, and no longer wants empty tensors for inputs that are not used.</summary>
    public static void From11(NodeConversion conversion)
    {
        NodeProto node = conversion.Node;
        if (node.TextOr("coordinate_transformation_mode", "half_pixel") == "tf_half_pixel_for_nn")
        {
            if (node.TextOr("mode", "nearest") != "nearest" || node.TextOr("nearest_mode", "round_prefer_floor") != "floor")
            {
                conversion.Fail("coordinate_transformation_mode tf_half_pixel_for_nn exists no more, except for nearest pixels rounded down");
                return;
            }

            // Half a pixel further and rounded down is the same as rounded to the nearest.
            node.With("coordinate_transformation_mode", "half_pixel").With("nearest_mode", "round_prefer_ceil");
        }

        for (int index = 1; index <= 2; index++)
        {
            if (conversion.HasInput(index) && conversion.Constant(node.Input[index]) is { } tensor && TensorData.ElementCount(tensor) == 0)
                node.Input[index] = "";
        }
    }

    /// <summary>How the nearest pixel was found: rounded down when growing and up when shrinking. Null where both may happen.</summary>
    private static string? Rounding(NodeConversion conversion)
    {
        if (conversion.Node.OpType == "Upsample")
            return "floor";
        if (conversion.Constant(conversion.Node.Input[1]) is not { } scales)
            return null;
        float[] values = TensorData.ToFloats(scales);
        bool shrinks = values.Any(static scale => scale < 1), grows = values.Any(static scale => scale > 1);
        return !shrinks ? "floor" : grows ? null : "ceil";
    }

    /// <summary>One node for the axes that grow and one for those that shrink, because they round differently.</summary>
    private static void GrowThenShrink(NodeConversion conversion)
    {
        NodeProto node = conversion.Node;
        string one = conversion.AddConstant("one", name => TensorData.Scalar(name, 1f));
        string growing = conversion.Emit("Max", [node.Input[1], one]), shrinking = conversion.Emit("Min", [node.Input[1], one]);
        string grown = conversion.Emit("Resize", [node.Input[0], "", growing], static resize => Nearest(resize, "floor"));
        conversion.EmitAs("Resize", [grown, "", shrinking], node.Output[0], static resize => Nearest(resize, "ceil"));
        conversion.Finish();

        static void Nearest(NodeProto resize, string rounding) =>
            resize.With("mode", "nearest").With("coordinate_transformation_mode", "asymmetric").With("nearest_mode", rounding);
    }
}
