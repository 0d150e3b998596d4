namespace OrtAdaMomentum.Onnx;

/// <summary>An input or output of a model.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Type">Its element type and shape as the file declares them.</param>
public sealed record OnnxValue(string Name, TensorType Type);
