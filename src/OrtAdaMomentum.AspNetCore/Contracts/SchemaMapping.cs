using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>Tells what samples have to look like in the form of responses.</summary>
internal static class SchemaMapping
{
    public static IReadOnlyList<TensorSchemaResponse> InputsToResponse(this DatasetSchema schema) =>
        [.. schema.Inputs.Select(input => new TensorSchemaResponse(
            input.Name, input.ElementType.Name(), input.ElementType.Notation(), AxesOf(input, schema, least: 1)))];

    public static TargetSchemaResponse TargetToResponse(this DatasetSchema schema)
    {
        var target = schema.Target;
        bool isSequence = schema.TargetKind == TargetKind.ClassSequence;
        bool hasLabels = isSequence || schema.TargetKind == TargetKind.ClassIndex;
        bool hasWeights = schema.TargetKind == TargetKind.ClassProbabilities;
        var axes = AxesOf(target, schema, isSequence ? 0 : 1);
        return new TargetSchemaResponse(target.Name, target.ElementType.Name(), target.ElementType.Notation(), axes, schema.TargetKind, hasLabels)
        {
            Classes = hasLabels || hasWeights ? schema.ClassCount : null,
            Minimum = schema.TargetKind == TargetKind.Value ? null : 0,
            Maximum = hasLabels ? schema.ClassCount - 1 : schema.TargetKind == TargetKind.Value ? null : 1,
            // Counted from the end in the model, where the batch stands in front.
            ClassAxis = hasWeights ? axes.Count + (schema.ClassAxis ?? -1) : null,
            Blank = schema.BlankIndex,
            Ignored = schema.IgnoreIndex,
        };
    }

    public static TensorSchemaResponse ToResponse(this TensorInfo output) => new(
        output.Name,
        output.ElementType.Name(),
        output.ElementType.Notation(),
        [.. output.Shape.Select(static axis => axis.IsStatic ? new AxisResponse(axis.Extent) : new AxisResponse(Name: axis.Symbol))]);

    private static IReadOnlyList<AxisResponse> AxesOf(TensorInfo tensor, DatasetSchema schema, long least) =>
        [.. tensor.Shape.Skip(1).Select((axis, place) => axis.IsStatic
            ? new AxisResponse(axis.Extent)
            : new AxisResponse(
                null, axis.Symbol, least, schema.MaximumExtents.TryGetValue($"{tensor.Name}[{place}]", out long most) ? most : null))];
}
