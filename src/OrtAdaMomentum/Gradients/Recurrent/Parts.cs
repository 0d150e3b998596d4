using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Recurrent;

/// <summary>The gates of a layer lie side by side in its weights, and so in what is computed from them.</summary>
internal static class Parts
{
    /// <summary>Equal parts along the last axis.</summary>
    public static SymbolicTensor[] Split(SymbolicTensor whole, int count, TensorType type) =>
        whole.Graph.Nodes("Split", [whole], [.. Enumerable.Repeat(type, count)], ("axis", -1L), ("num_outputs", (long)count));
}
