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
            var row = values.Slice(sample * width, width);
            if (manifest.HasInputLengths)
            {
                if (row.IsEmpty || row[0] < 0)
                    throw Refusal($"the first column must be the number of time steps, 0 or more{(row.IsEmpty ? "" : $", was {row[0]}")}");
                row = row[1..];
            }

            CheckLabels(row);

            FineTuningException Refusal(string problem) => new($"'{target.Name}', sample {sample}: {problem}.");

            void CheckLabels(ReadOnlySpan<long> labels)
            {
                int length = labels.IndexOfAnyInRange(long.MinValue, -1);
                if (length < 0)
                    length = labels.Length;
                int stray = labels[length..].IndexOfAnyExceptInRange(long.MinValue, -1);
                if (stray >= 0)
                    throw Refusal($"class {labels[length + stray]} stands behind the {labels[length]} that ends the sequence");
                if (manifest.BlankIndex is { } blank && labels[..length].Contains(blank))
                    throw Refusal($"class {blank} is the blank, which targets do not hold");
                if (manifest.ClassCount is { } classes && labels[..length].IndexOfAnyInRange(classes, long.MaxValue) is >= 0 and var wrong)
                    throw Refusal($"class {labels[wrong]} is not one of the model's {classes} classes (0 to {classes - 1})");
            }
        }
    }
}
