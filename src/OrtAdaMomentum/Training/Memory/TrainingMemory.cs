using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Training.Memory;

/// <summary>Estimates the memory of training from the sizes of the training graph's values and the order in which they come and go.</summary>
internal static class TrainingMemory
{
    /// <summary>Parameter, gradient and two moments.</summary>
    private const int BuffersOfParameters = 4;

    // The runtime's arena cannot fill every place that a value left; what that takes, measured over the models of the bench.
    private const double ArenaGaps = 1.05;

    /// <param name="artifacts">What is trained.</param>
    /// <param name="batch">Samples in a batch, and the extent of every other axis that is left open and not given.</param>
    /// <param name="extents">Extents of open axes, by input or target and axis.</param>
    /// <param name="kernels">Whether kernels take the place of ordinary nodes.</param>
    public static MemoryEstimate Estimate(
        TrainingArtifacts artifacts, int batch, IReadOnlyDictionary<(string Tensor, int Axis), long> extents, KernelUse kernels)
    {
        var model = ModelProto.Parser.ParseFrom(artifacts.TrainingModel.Span);
        var graph = model.Graph;
        var named = Named(artifacts.Manifest, extents);
        foreach (var input in graph.Input)
            Fix(input, batch, extents, named);
        var bound = graph.Input.Select(static input => input.Name)
            .Concat(graph.Initializer.Select(static tensor => tensor.Name))
            .Concat(graph.Output.Select(static output => output.Name))
            .Append(string.Empty).ToHashSet();
        // The runtime is asked about the ordinary nodes, since it knows their shapes; kernels compute the same values.
        var types = RuntimeTypes.InferFixed(model);
        if (kernels == KernelUse.On && KernelSubstitution.Apply(model, KernelRegistry.Wins))
            AddOwn(graph, batch, extents, named, types);
        long values = new LiveValues(types, bound).PeakBytes(ExecutionOrder.Of(graph));

        var trainable = artifacts.Manifest.Trainable.Select(static parameter => parameter.Name).ToHashSet();
        long state = graph.Initializer.Sum(static tensor => Bytes(TensorTypes.Of(tensor)))
            + graph.Input.Sum(input => Bytes(TensorTypes.FromProto(input.Type)) * (trainable.Contains(input.Name) ? BuffersOfParameters : 1));
        return new MemoryEstimate(state, (long)(ArenaGaps * values));
    }

    /// <summary>What kernels hand to each other alone.</summary>
    private static void AddOwn(
        GraphProto graph, int batch, IReadOnlyDictionary<(string Tensor, int Axis), long> extents, Dictionary<string, long> named, Dictionary<string, TensorType> types)
    {
        foreach (var value in graph.ValueInfo.Where(value => !types.ContainsKey(value.Name)))
        {
            Fix(value, batch, extents, named);
            if (TensorTypes.FromProto(value.Type) is { } type)
                types[value.Name] = type;
        }
    }

    /// <summary>The given extents by the name of their axis.</summary>
    private static Dictionary<string, long> Named(ArtifactManifest manifest, IReadOnlyDictionary<(string Tensor, int Axis), long> extents)
    {
        var named = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var tensor in manifest.Inputs.Append(manifest.Target))
        {
            foreach (var (axis, dimension) in tensor.Shape.Index())
            {
                if (dimension.Symbol is { } symbol && extents.TryGetValue((tensor.Name, axis), out long extent))
                    named[symbol] = extent;
            }
        }

        return named;
    }

    private static void Fix(
        ValueInfoProto value, int batch, IReadOnlyDictionary<(string Tensor, int Axis), long> extents, Dictionary<string, long> named)
    {
        foreach (var (axis, dimension) in (value.Type?.TensorType?.Shape?.Dim ?? []).Index())
        {
            if (dimension.HasDimValue)
                continue;
            bool isKnown = extents.TryGetValue((value.Name, axis), out long extent)
                || (dimension.HasDimParam && named.TryGetValue(dimension.DimParam, out extent));
            dimension.DimValue = isKnown ? extent : batch;
        }
    }

    private static long Bytes(TensorType? type) => type?.ElementCount is { } count ? count * type.ElementType.SizeInBytes() : 0;
}
