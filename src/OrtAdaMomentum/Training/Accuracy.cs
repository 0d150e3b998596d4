using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Training;

/// <summary>Counts right answers in an evaluated batch.</summary>
internal static class Accuracy
{
    /// <summary>Right answers and answers in all; none in all where the loss is about numbers, not classes.</summary>
    public static (long Right, long Total) Count(EvalOutcome outcome)
    {
        var manifest = outcome.Batch.Manifest;
        if (!outcome.HasOutput())
            return (0, 0);
        return manifest.TargetKind switch
        {
            TargetKind.ClassIndex => CountClasses(outcome, manifest.ClassAxis ?? -1, manifest.IgnoreIndex),
            TargetKind.ClassProbabilities => CountSoftClasses(outcome, manifest.ClassAxis ?? -1),
            TargetKind.Probability => CountBinary(outcome, manifest.FinalActivation == FinalActivation.Sigmoid ? 0.5f : 0f),
            _ => (0, 0),
        };
    }

    private static (long Right, long Total) CountClasses(EvalOutcome outcome, int axis, long? ignored)
    {
        var labels = outcome.Batch.Target.As<long>();
        long right = 0, total = 0;
        var layout = ClassLayout.Of(outcome.ShapeOf(), axis);
        var scores = outcome.Output();
        for (int index = 0; index < labels.Length; index++)
        {
            if (labels[index] == ignored)
                continue;
            total++;
            if (layout.IndexOfGreatest(scores, index) == labels[index])
                right++;
        }

        return (right, total);
    }

    private static (long Right, long Total) CountSoftClasses(EvalOutcome outcome, int axis)
    {
        var layout = ClassLayout.Of(outcome.ShapeOf(), axis);
        var scores = outcome.Output();
        var targets = outcome.Batch.Target.As<float>();
        long right = 0;
        for (int index = 0; index < layout.Positions; index++)
        {
            if (layout.IndexOfGreatest(scores, index) == layout.IndexOfGreatest(targets, index))
                right++;
        }

        return (right, layout.Positions);
    }

    private static (long Right, long Total) CountBinary(EvalOutcome outcome, float threshold)
    {
        var scores = outcome.Output();
        var targets = outcome.Batch.Target.As<float>();
        long right = 0;
        for (int index = 0; index < scores.Length; index++)
        {
            if (scores[index] > threshold == targets[index] > 0.5f)
                right++;
        }

        return (right, scores.Length);
    }
}
