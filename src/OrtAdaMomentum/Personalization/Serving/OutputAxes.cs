using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Personalization;

/// <summary>Tells the batch from the other axes of a model's outputs.</summary>
internal static class OutputAxes
{
    /// <summary>The outputs that are tensors, as an answer to one sample has them: without the batch in front, and with 1 where it stands elsewhere.</summary>
    public static IReadOnlyList<TensorInfo> OfOneSample(InferenceSession session)
    {
        string? batch = session.InputMetadata.Values.Select(static input => SymbolOf(input, 0)).FirstOrDefault();
        return
        [
            .. from name in session.OutputNames
               let output = session.OutputMetadata[name]
               where output.IsTensor
               let axes = output.Dimensions.Select((extent, axis) => AxisOf(extent, SymbolOf(output, axis), batch))
               select new TensorInfo(name, (ElementType)output.ElementDataType, [.. axes.Skip(IsBatchInFront(session, output) ? 1 : 0)]),
        ];
    }

    /// <summary>
    /// Whether the first axis of an output is the batch. An export may give it a name of its own there, or none, but never that of another axis of an input.
    /// </summary>
    public static bool IsBatchInFront(InferenceSession session, NodeMetadata output)
    {
        // Where the model does not say what axes there are, it is as in most models.
        if (output.Dimensions is not [var extent, ..])
            return true;
        if (extent >= 0)
            return extent == 1;
        if (SymbolOf(output, 0) is not { } symbol)
            return true;
        foreach (var input in session.InputMetadata.Values)
        {
            if (input.SymbolicDimensions.Skip(1).Contains(symbol))
                return SymbolOf(input, 0) == symbol;
        }

        return true;
    }

    private static Dimension AxisOf(int extent, string? symbol, string? batch)
    {
        if (extent >= 0)
            return extent;
        if (symbol is null)
            return Dimension.Unknown;
        return symbol == batch ? 1 : Dimension.Named(symbol);
    }

    private static string? SymbolOf(NodeMetadata value, int axis) => value.SymbolicDimensions.ElementAtOrDefault(axis) is { Length: > 0 } symbol ? symbol : null;
}
