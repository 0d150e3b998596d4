using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>
/// BatchNormalization: one statistic per channel only (9), and training said by an attribute instead of by extra outputs (14).
/// </summary>
internal static class BatchNormalization
{
    /// <summary>Version 7 could keep one statistic per element; that is written out as arithmetic.</summary>
    public static void OnlyPerChannel(NodeConversion conversion)
    {
        NodeProto node = conversion.Node;
        bool perChannel = node.IntOr("spatial", 1) != 0;
        node.RemoveAttribute("spatial");
        if (perChannel)
            return;
        if (AreStatisticsRead(conversion))
        {
            conversion.Fail("it outputs statistics per element (spatial = 0)");
            return;
        }

        float epsilonValue = node.FloatOr("epsilon", 1e-5f);
        string epsilon = LikeInput.Scalar(conversion, "epsilon", epsilonValue);
        string deviation = conversion.Emit("Sqrt", [conversion.Emit("Add", [node.Input[4], epsilon])]);
        string centred = conversion.Emit("Sub", [node.Input[0], node.Input[3]]);
        string scaled = conversion.Emit("Mul", [conversion.Emit("Div", [centred, deviation]), node.Input[1]]);
        conversion.EmitAs("Add", [scaled, node.Input[2]], node.Output[0]);
        conversion.Finish();
    }

    /// <summary>Outputs beside the first one meant training; exporters list them even where nothing reads them.</summary>
    public static void DropStatistics(NodeConversion conversion)
    {
        if (AreStatisticsRead(conversion))
        {
            conversion.Fail("its statistics are outputs that something reads; export the model in evaluation mode");
            return;
        }

        while (conversion.Node.Output.Count > 1)
            conversion.Node.Output.RemoveAt(conversion.Node.Output.Count - 1);
    }

    private static bool AreStatisticsRead(NodeConversion conversion) =>
        Enumerable.Range(1, Math.Max(0, conversion.Node.Output.Count - 1)).Any(conversion.IsOutputRead);
}
