using System.Text.Json.Nodes;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Tools.Reports;

/// <summary>A tensor. An axis of the shape is a number where it is fixed, its name where it has one, and null where nothing is known.</summary>
internal sealed record TensorReport(string Name, string Type, JsonArray Shape)
{
    public static TensorReport Of(TensorInfo tensor) => new(tensor.Name, tensor.ElementType.ToString(), new JsonArray([.. tensor.Shape.Select(Axis)]));

    public static IReadOnlyList<TensorReport> Of(IEnumerable<TensorInfo> tensors) => [.. tensors.Select(Of)];

    private static JsonNode? Axis(Dimension axis) =>
        axis.IsStatic ? JsonValue.Create(axis.Extent) : axis.Symbol is { } symbol ? JsonValue.Create(symbol) : null;
}

/// <summary>A parameter of the model.</summary>
internal sealed record ParameterReport(string Name, IReadOnlyList<long> Shape, long Count, bool Trainable)
{
    public static IReadOnlyList<ParameterReport> Of(IEnumerable<ParameterInfo> parameters) =>
        [.. parameters.Select(static parameter => new ParameterReport(parameter.Name, parameter.Shape, parameter.ElementCount, parameter.Trainable))];
}
