using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Personalization;

/// <summary>An axis on which each sample has an extent of its own.</summary>
/// <param name="Tensor">The input or the target.</param>
/// <param name="Axis">The axis of a sample, counted without the batch.</param>
/// <param name="Symbol">Its name in the model; axes of one name have the same extent in a sample. Null where it has none.</param>
/// <param name="Least">The least extent: 0 for the target of a sequence, which may be empty, otherwise 1.</param>
/// <param name="Most">The greatest extent that is taken; null for any.</param>
internal sealed record OpenAxis(string Tensor, int Axis, string? Symbol, long Least, long? Most)
{
    /// <summary>As options and messages call it without its name: <c>features[0]</c>.</summary>
    public string Place => $"{Tensor}[{Axis}]";

    /// <summary>The open axes of a model.</summary>
    /// <param name="manifest">What the model takes.</param>
    /// <param name="limits">Greatest extents, by the name of an axis or by its place.</param>
    /// <exception cref="FineTuningException">A limit is of no open axis, or the target's extent follows from no input.</exception>
    public static IReadOnlyList<OpenAxis> Of(ArtifactManifest manifest, IReadOnlyDictionary<string, long> limits)
    {
        var inputs = manifest.Inputs.SelectMany(static input => In(input, least: 1)).ToList();
        bool isSequence = manifest.TargetKind == TargetKind.ClassSequence;
        var target = In(manifest.Target, isSequence ? 0 : 1).ToList();
        if (!isSequence && target.Find(axis => axis.Symbol is null || inputs.TrueForAll(input => input.Symbol != axis.Symbol)) is { } loose)
        {
            throw new FineTuningException(
                $"Axis {loose.Axis + 1} of the target '{manifest.Target}' is not fixed, and it is not known which input it is as long as. Export the model with one name for that axis of its output and of the input.");
        }

        List<OpenAxis> axes = [.. inputs, .. target];
        foreach (string name in limits.Keys)
        {
            if (!axes.Exists(axis => name == axis.Symbol || name == axis.Place))
                throw new FineTuningException($"MaximumExtents:{name} is of no open axis of the model. Its open axes: {(axes.Count == 0 ? "none" : string.Join(", ", axes))}.");
        }

        return [.. axes.Select(axis => axis with { Most = LimitOf(axis, axes, limits) })];
    }

    /// <summary>As in <c>features[0] (time)</c>.</summary>
    public override string ToString() => Symbol is null ? Place : $"{Place} ({Symbol})";

    private static IEnumerable<OpenAxis> In(TensorInfo tensor, long least) =>
        tensor.Shape.Skip(1).Index().Where(static axis => !axis.Item.IsStatic).Select(axis => new OpenAxis(tensor.Name, axis.Index, axis.Item.Symbol, least, null));

    /// <summary>The least limit of all that the axis has to keep, also by having the same extent as another.</summary>
    private static long? LimitOf(OpenAxis axis, List<OpenAxis> axes, IReadOnlyDictionary<string, long> limits) => axes
        .Where(other => other == axis || (axis.Symbol is not null && other.Symbol == axis.Symbol))
        .SelectMany(other => new[] { other.Symbol, other.Place })
        .Min(name => name is not null && limits.TryGetValue(name, out long limit) ? limit : (long?)null);
}
