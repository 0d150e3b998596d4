namespace OrtAdaMomentum.Onnx;

/// <summary>What a model file may contain and how large it may be. A model file is untrusted input; the defaults suit an edge device.</summary>
public sealed record OnnxLoadOptions
{
    /// <summary>The options used when none are given.</summary>
    public static OnnxLoadOptions Default { get; } = new();

    /// <summary>Largest model, external data included, in bytes. No more than 2 GiB - 1, the limit of the file format itself.</summary>
    public int MaxModelBytes { get; init; } = int.MaxValue;

    /// <summary>Most nodes, those of sub-graphs and functions included.</summary>
    public int MaxNodes { get; init; } = 200_000;

    /// <summary>Most tensors, those in attributes, sub-graphs and functions included.</summary>
    public int MaxTensors { get; init; } = 200_000;

    /// <summary>Deepest nesting of messages in the file; a sub-graph adds three.</summary>
    public int MaxDepth { get; init; } = 100;

    /// <summary>Most axes of one tensor.</summary>
    public int MaxRank { get; init; } = 32;

    /// <summary>
    /// Whether weights may lie in other files beside the model. Only regular files inside the model's own folder are ever read,
    /// never through a link; their content becomes part of the loaded model.
    /// </summary>
    public bool AllowExternalData { get; init; }
}
