using System.Globalization;
using OrtAdaMomentum.Onnx.Proto;
using Axis = OrtAdaMomentum.Onnx.Proto.TensorShapeProto.Types.Dimension;

namespace OrtAdaMomentum.Onnx.Normalization;

/// <summary>Fixes an axis that the exporter left free, called by its name or by input and position: what a model does may depend on it.</summary>
internal static class FixedAxes
{
    public static void Apply(GraphProto graph, string name, string text, NormalizationReport report)
    {
        Axis axis = Find(graph, name) ?? throw new OnnxModelException(
            $"There is no input '{name}' to fix, nor an axis of that name. The inputs are: {string.Join(", ", graph.Input.Select(Describe))}. " +
            "An axis without a name is called by its input and position, as 'input:1'.");
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long extent) || extent == 0)
            throw new OnnxModelException($"The length '{text}' given for axis '{name}' is no whole number above 0.");
        if (axis.HasDimValue && axis.DimValue >= 0 && axis.DimValue != extent)
            throw new OnnxModelException($"Axis '{name}' has the length {axis.DimValue} in the model and cannot be fixed to {text}.");

        // Wherever an axis of the same name stands, it is the same number.
        foreach (Axis same in axis.DimParam.Length == 0 ? [axis] : Named(graph, axis.DimParam))
            same.DimValue = extent;
        report.Note($"Axis '{name}' was fixed to {text}.");
    }

    private static Axis? Find(GraphProto graph, string name)
    {
        if (Named(graph, name) is [Axis named, ..])
            return named;
        // With a point it is the name that a free axis has in reports. Names of inputs may hold either themselves.
        int separator = name.LastIndexOfAny([':', '.']);
        return separator > 0 && int.TryParse(name.AsSpan(separator + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int position)
            ? graph.Input.Where(input => input.Name == name[..separator]).SelectMany(Axes).ElementAtOrDefault(position)
            : null;
    }

    private static Axis[] Named(GraphProto graph, string name) =>
        [.. graph.Input.Concat(graph.Output).SelectMany(Axes).Where(axis => axis.DimParam == name && name.Length > 0)];

    private static IEnumerable<Axis> Axes(ValueInfoProto value) => value.Type?.TensorType?.Shape?.Dim ?? [];

    private static string Describe(ValueInfoProto input) =>
        TensorTypes.FromProto(input.Type) is { Shape: { Count: > 0 } shape } ? $"'{input.Name}' [{string.Join(", ", shape)}]" : $"'{input.Name}'";
}
