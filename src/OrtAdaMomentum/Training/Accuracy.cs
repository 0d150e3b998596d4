using System.Numerics.Tensors;
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

    /// <summary>Where the scores of the classes of one position lie in a row-major tensor.</summary>
    private readonly record struct ClassLayout(int Outer, int Classes, int Inner)
    {
        public int Positions => Outer * Inner;

        public static ClassLayout Of(IReadOnlyList<long> shape, int axisFromEnd)
        {
            int axis = shape.Count + axisFromEnd;
            return new ClassLayout((int)Product(shape.Take(axis)), (int)shape[axis], (int)Product(shape.Skip(axis + 1)));
        }

        public int IndexOfGreatest(ReadOnlySpan<float> scores, int position)
        {
            int start = position / Inner * Classes * Inner + position % Inner;
            if (Inner == 1)
                return TensorPrimitives.IndexOfMax(scores.Slice(start, Classes));
            int best = 0;
            for (int index = 1; index < Classes; index++)
            {
                if (scores[start + index * Inner] > scores[start + best * Inner])
                    best = index;
            }

            return best;
        }

        private static long Product(IEnumerable<long> extents) => extents.Aggregate(1L, static (product, extent) => product * extent);
    }
}
