namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>
/// RMSNormalization exists from 23 on. The runtime has had it in the standard domain before, under another name and with the same
/// attributes; its one kernel serves both.
/// </summary>
internal static class RmsNormalization
{
    public static void Rename(NodeConversion conversion) => conversion.Node.OpType = "SimplifiedLayerNormalization";
}
