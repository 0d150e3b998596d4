using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Signal;

/// <summary>The short-time Fourier transform: frames picked from the signal, weighted by the window, transformed each by itself.</summary>
internal static class StftComposition
{
    public static readonly Composition Rule = new("STFT", static node => [WriteOut(node)])
    {
        SteeringInputs = [1, 3],
        Note = "step and length of the frames have to be constants",
    };

    private static SymbolicTensor WriteOut(NodeContext node)
    {
        var (graph, signal) = (node.Graph, node.Input(0));
        long step = node.ConstantIntegers(1) is [var every] ? every : throw new FineTuningException("its frame step is computed at run time; it has to be a constant");
        long length = FrameLength(node);
        if (step < 1 || length < 1)
            throw new FineTuningException($"it has a frame step of {step} and frames of {length} samples; both have to be at least 1");

        var frames = signal.Shape[1].IsStatic ? Math.Max(0, (signal.Extent(1) - length) / step + 1) : Dimension.Unknown;
        var places = frames.IsStatic
            ? graph.Numbers([.. Places(frames.Extent)], ElementType.Int64, frames.Extent, length)
            : PlacesAtRunTime(signal, step, length);
        var picked = graph.Node(
            "Gather", [signal, places], new TensorType(signal.ElementType, [signal.Shape[0], frames, length, signal.Shape[2]]), ("axis", 1L));
        if (node.HasInput(2))
            picked *= node.Input(2).Unsqueeze(1);
        bool oneSided = node.Integer("onesided", 1) != 0;
        return graph.Node(
            "DFT", [picked, null, graph.Numbers([2], ElementType.Int64)],
            new TensorType(signal.ElementType, [signal.Shape[0], frames, oneSided ? length / 2 + 1 : length, 2]), ("onesided", oneSided ? 1L : 0L));

        IEnumerable<double> Places(long count) =>
            from frame in Enumerable.Range(0, (int)count)
            from sample in Enumerable.Range(0, (int)length)
            select (double)(frame * step + sample);
    }

    private static long FrameLength(NodeContext node)
    {
        if (node.HasInput(3))
            return node.ConstantIntegers(3) is [var length] ? length : throw new FineTuningException("its frame length is computed at run time; it has to be a constant");
        return node.HasInput(2) && node.Input(2).Shape is [{ IsStatic: true } window]
            ? window.Extent
            : throw new FineTuningException("neither its window nor its frame length has a fixed size");
    }

    private static SymbolicTensor PlacesAtRunTime(SymbolicTensor signal, long step, long length)
    {
        var graph = signal.Graph;
        var one = graph.Scalar(1, ElementType.Int64);
        SymbolicTensor Count(SymbolicTensor end) =>
            graph.CountTo(end, Dimension.Unknown);
        var extent = signal.ExtentOf(1).Reshape();
        var frames = (extent - graph.Scalar(length, ElementType.Int64)) / graph.Scalar(step, ElementType.Int64) + one;
        return Count(frames).Unsqueeze(1) * graph.Scalar(step, ElementType.Int64) + Count(graph.Scalar(length, ElementType.Int64)).Unsqueeze(0);
    }
}
