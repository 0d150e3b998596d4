using OrtAdaMomentum.Artifacts;

namespace OrtAdaMomentum.Training;

/// <summary>Refuses targets that are no sequences of classes: labels of no class, the blank among them, labels behind the filling.</summary>
internal static class SequenceTargets
{
    public static void Check(NativeTensor target, ArtifactManifest manifest)
    {
        var values = target.As<long>();
        int width = (int)target.Shape[1];
        for (int sample = 0; sample < target.Shape[0]; sample++)
        {
            if (Problem(values.Slice(sample * width, width), manifest.ClassCount, manifest.BlankIndex, manifest.HasInputLengths) is { } problem)
                throw new FineTuningException($"'{target.Name}', sample {sample}: {problem}.");
        }
    }

    /// <summary>What is wrong with the target of one sample; null for nothing.</summary>
    /// <param name="target">Perhaps the number of time steps, then classes, then negative numbers.</param>
    /// <param name="classes">The number of classes; null where it is not known.</param>
    /// <param name="blank">The class that stands for no label.</param>
    /// <param name="hasLength">Whether the target begins with the number of time steps that count.</param>
    public static string? Problem(ReadOnlySpan<long> target, long? classes, long? blank, bool hasLength)
    {
        if (hasLength)
        {
            if (target.IsEmpty || target[0] < 0)
                return $"the first column must be the number of time steps, 0 or more{(target.IsEmpty ? "" : $", was {target[0]}")}";
            target = target[1..];
        }

        int length = target.IndexOfAnyInRange(long.MinValue, -1);
        if (length < 0)
            length = target.Length;
        int stray = target[length..].IndexOfAnyExceptInRange(long.MinValue, -1);
        if (stray >= 0)
            return $"class {target[length + stray]} stands behind the {target[length]} that ends the sequence";
        var labels = target[..length];
        if (blank is { } blanked && labels.Contains(blanked))
            return $"class {blanked} is the blank, which targets do not hold";
        return classes is { } known && labels.IndexOfAnyInRange(known, long.MaxValue) is >= 0 and var wrong
            ? $"class {labels[wrong]} is not one of the model's {known} classes (0 to {known - 1})"
            : null;
    }
}
