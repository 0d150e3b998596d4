using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Training.Data;

/// <summary>The tensors that training or evaluation takes from every sample.</summary>
/// <param name="Inputs">The model's inputs; the first axis of each is the batch.</param>
/// <param name="Target">What the loss compares with; its first axis is the batch.</param>
public sealed record DatasetSchema(IReadOnlyList<TensorInfo> Inputs, TensorInfo Target)
{
    /// <summary>What the target holds. Default: any finite number.</summary>
    public TargetKind TargetKind { get; init; } = TargetKind.Value;

    /// <summary>Number of classes, where the target is class indices.</summary>
    public long? ClassCount { get; init; }

    /// <summary>Axis of the classes in the prediction, and in a target of class probabilities, counted from the end; null where there are none.</summary>
    public int? ClassAxis { get; init; }

    /// <summary>The class index that marks positions to leave out, if any.</summary>
    public long? IgnoreIndex { get; init; }

    /// <summary>The class that stands for no label, where the target is a sequence of classes.</summary>
    public long? BlankIndex { get; init; }

    /// <summary>Whether the first column of a target of sequences is a number of time steps.</summary>
    public bool HasInputLengths { get; init; }

    /// <summary>
    /// Greatest extents that samples may have on axes that the model leaves open, by tensor and axis without the batch, as in <c>features[0]</c>. An axis that is
    /// not named here may have any. Data that is fitted to the schema is not held to them.
    /// </summary>
    public IReadOnlyDictionary<string, long> MaximumExtents { get; init; } = new Dictionary<string, long>();

    /// <summary>The inputs, then the target.</summary>
    public IEnumerable<TensorInfo> Values => [.. Inputs, Target];

    /// <summary>What training artifacts take.</summary>
    public static DatasetSchema Of(ArtifactManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return new DatasetSchema(manifest.Inputs, manifest.Target)
        {
            TargetKind = manifest.TargetKind,
            ClassCount = manifest.ClassCount,
            ClassAxis = manifest.ClassAxis,
            IgnoreIndex = manifest.IgnoreIndex,
            BlankIndex = manifest.BlankIndex,
            HasInputLengths = manifest.HasInputLengths,
        };
    }

    /// <summary>The only input, for data that holds one tensor beside the target.</summary>
    /// <exception cref="DatasetException">The model has several inputs, or none.</exception>
    public TensorInfo SingleInput(string format) => Inputs.Count == 1
        ? Inputs[0]
        : throw new DatasetException(
            $"{format} data holds one input, but the model takes {Inputs.Count} ({string.Join(", ", Inputs.Select(static input => input.Name))}). Use an .npz file.");

    /// <summary>Why a number cannot be a target; null when it can.</summary>
    internal string? TargetProblem(double value) => TargetKind switch
    {
        TargetKind.ClassIndex when ClassCount is { } classes && value != IgnoreIndex && (value < 0 || value >= classes) =>
            $"class {value} is not one of the model's {classes} classes (0 to {classes - 1})",
        // With lengths in the first column, a number alone does not tell what it is; every batch is checked then.
        TargetKind.ClassSequence when !HasInputLengths && ClassCount is { } classes && (value >= classes || value == BlankIndex) => value == BlankIndex
            ? $"class {value} is the blank, which targets do not hold"
            : $"class {value} is not one of the model's {classes} classes (0 to {classes - 1})",
        TargetKind.Probability or TargetKind.ClassProbabilities when value is < 0 or > 1 =>
            FormattableString.Invariant($"{value} is not a probability, which lies between 0 and 1"),
        _ => null,
    };

    /// <summary>The axes of one sample.</summary>
    internal static IReadOnlyList<Dimension> SampleAxes(TensorInfo value) => value.Shape.Count > 0
        ? [.. value.Shape.Skip(1)]
        : throw new DatasetException($"'{value}' has no batch axis, so samples cannot be put into it. Fix it to a constant.");
}
