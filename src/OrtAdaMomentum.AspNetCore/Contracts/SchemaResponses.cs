using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>What a sample, a request to predict and its answer look like. Nowhere is there a batch axis.</summary>
internal sealed record SchemaResponse(
    string Model, IReadOnlyList<TensorSchemaResponse> Inputs, TargetSchemaResponse Target, IReadOnlyList<TensorSchemaResponse> Outputs);

/// <summary>An input, or an output of a prediction.</summary>
/// <param name="Name">Its name in <c>inputs</c> or <c>outputs</c>.</param>
/// <param name="Type">The element type.</param>
/// <param name="Elements">As what an element is written: <c>number</c>, <c>integer</c> or <c>boolean</c>; <c>base64</c> where the tensor has to be sent as bytes.</param>
/// <param name="Axes">The axes, outermost first; none for a single number.</param>
internal sealed record TensorSchemaResponse(string Name, string Type, string Elements, IReadOnlyList<AxisResponse> Axes);

/// <summary>What the model should have said.</summary>
/// <param name="Name">Its name in the options; in a sample it is <c>target</c>.</param>
/// <param name="Type">The element type.</param>
/// <param name="Elements">As in an input.</param>
/// <param name="Axes">As in an input.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="ClassLabels">Whether the elements are labels, which are the numbers of classes.</param>
internal sealed record TargetSchemaResponse(
    string Name, string Type, string Elements, IReadOnlyList<AxisResponse> Axes, TargetKind Kind, bool ClassLabels)
{
    /// <summary>How many classes there are; null where there are none, or where it is not known.</summary>
    public long? Classes { get; init; }

    /// <summary>The least element; null for any.</summary>
    public long? Minimum { get; init; }

    /// <summary>The greatest element; null for any.</summary>
    public long? Maximum { get; init; }

    /// <summary>The axis along which the weights of classes sum to 1.</summary>
    public int? ClassAxis { get; init; }

    /// <summary>The class that stands for no label, and that no sequence holds.</summary>
    public long? Blank { get; init; }

    /// <summary>A label that is allowed beside the others, and marks places to leave out.</summary>
    public long? Ignored { get; init; }
}

/// <summary>An axis: its extent where that is fixed, otherwise what the extents of samples have to keep to.</summary>
/// <param name="Extent">The extent of every sample; null where each has its own.</param>
/// <param name="Name">The name of an axis that is not fixed, if it has one; axes of one name have the same extent.</param>
/// <param name="Minimum">The least extent; null where it is fixed, and for outputs.</param>
/// <param name="Maximum">The greatest extent; null where it is fixed, for any, and for outputs.</param>
internal sealed record AxisResponse(long? Extent = null, string? Name = null, long? Minimum = null, long? Maximum = null);
