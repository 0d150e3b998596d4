using System.Numerics.Tensors;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Measures a model sample by sample. Each is evaluated alone: that gives the loss of every sample whatever the loss is, by the same graph that
/// trains, and the answer as it would be served.
/// </summary>
internal sealed class SampleScorer
{
    private readonly List<SampleScore> _scores = [];
    private readonly List<float> _probabilities = [];
    private readonly List<bool> _isTrue = [];
    private int _columns;

    private SampleScorer()
    {
    }

    public static SampleScores Score(FineTuningSession session, IDataset data, CancellationToken cancellationToken)
    {
        var scorer = new SampleScorer();
        using var batches = new BatchCache(session, data);
        int[] single = new int[1];
        for (int sample = 0; sample < data.Count; sample++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            single[0] = sample;
            foreach (var batch in batches.Of(single))
                scorer.Add(session.EvalStep(batch));
        }

        return new SampleScores(
            scorer._scores,
            scorer._columns > 0 && scorer._probabilities.Count == data.Count * scorer._columns
                ? new ClassProbabilities(scorer._columns, [.. scorer._probabilities], [.. scorer._isTrue])
                : null);
    }

    private void Add(EvalOutcome outcome)
    {
        var manifest = outcome.Batch.Manifest;
        var target = outcome.Batch.Target;
        var (output, shape) = outcome.CopyOutput();
        _scores.Add(manifest.TargetKind switch
        {
            TargetKind.ClassIndex => Classes(outcome.Loss, output, ClassLayout.Of(shape, manifest.ClassAxis ?? -1), Indices(target), manifest.IgnoreIndex, manifest.FinalActivation),
            TargetKind.ClassProbabilities => SoftClasses(outcome.Loss, output, ClassLayout.Of(shape, manifest.ClassAxis ?? -1), Numbers(target), manifest.FinalActivation),
            TargetKind.Probability => Labels(outcome.Loss, output, Numbers(target), manifest.FinalActivation),
            TargetKind.ClassSequence => new SampleScore
            {
                Loss = outcome.Loss,
                EditDistance = SequenceDistance.Of(output, (int)shape[^1], Indices(target), (int)(manifest.BlankIndex ?? 0), manifest.HasInputLengths),
            },
            _ => Values(outcome.Loss, output, Numbers(target)),
        });
    }

    private SampleScore SoftClasses(double loss, float[] output, ClassLayout layout, float[] target, FinalActivation activation)
    {
        var labels = new long[layout.Positions];
        for (int position = 0; position < labels.Length; position++)
            labels[position] = layout.IndexOfGreatest(target, position);
        return Classes(loss, output, layout, labels, null, activation);
    }

    private SampleScore Classes(double loss, float[] output, ClassLayout layout, ReadOnlySpan<long> labels, long? ignored, FinalActivation activation)
    {
        var tallies = new SortedDictionary<int, ClassTally>();
        int answers = 0, right = 0;
        for (int position = 0; position < labels.Length; position++)
        {
            if (labels[position] == ignored)
                continue;
            int label = (int)labels[position], answer = layout.IndexOfGreatest(output, position);
            bool isRight = label == answer;
            answers++;
            right += isRight ? 1 : 0;
            Count(tallies, label, labelled: true, answered: isRight);
            if (!isRight)
                Count(tallies, answer, labelled: false, answered: true);
        }

        if (labels.Length == 1 && answers == 1)
            AddProbabilities(Probabilities(output, activation), (int)labels[0]);
        return new SampleScore { Loss = loss, Answers = answers, Right = right, Classes = [.. tallies.Values] };
    }

    private SampleScore Labels(double loss, float[] output, float[] target, FinalActivation activation)
    {
        float threshold = activation == FinalActivation.Sigmoid ? 0.5f : 0;
        var tallies = new SortedDictionary<int, ClassTally>();
        int right = 0;
        for (int place = 0; place < output.Length; place++)
        {
            bool label = target[place] > 0.5f, answer = output[place] > threshold;
            right += label == answer ? 1 : 0;
            if (output.Length > 1)
            {
                Count(tallies, place, label, answer);
                continue;
            }

            Count(tallies, 0, !label, !answer);
            Count(tallies, 1, label, answer);
        }

        _columns = output.Length;
        _probabilities.AddRange(activation == FinalActivation.Sigmoid ? output : output.Select(static logit => 1 / (1 + MathF.Exp(-logit))));
        _isTrue.AddRange(target.Select(static value => value > 0.5f));
        return new SampleScore { Loss = loss, Answers = output.Length, Right = right, Classes = [.. tallies.Values] };
    }

    private static SampleScore Values(double loss, float[] output, float[] target)
    {
        double absolute = 0, squared = 0;
        for (int place = 0; place < output.Length; place++)
        {
            double error = (double)output[place] - target[place];
            absolute += Math.Abs(error);
            squared += error * error;
        }

        return new SampleScore { Loss = loss, AbsoluteError = absolute / output.Length, SquaredError = squared / output.Length };
    }

    private void AddProbabilities(float[] probabilities, int label)
    {
        _columns = probabilities.Length;
        _probabilities.AddRange(probabilities);
        for (int column = 0; column < probabilities.Length; column++)
            _isTrue.Add(column == label);
    }

    private static float[] Probabilities(float[] output, FinalActivation activation)
    {
        if (activation == FinalActivation.Softmax)
            return output;
        var probabilities = new float[output.Length];
        if (activation == FinalActivation.LogSoftmax)
            TensorPrimitives.Exp(output, probabilities);
        else
            TensorPrimitives.SoftMax(Shifted(output), probabilities);
        return probabilities;

        // By the greatest, so that no exponential overflows.
        static float[] Shifted(float[] logits)
        {
            float greatest = TensorPrimitives.Max<float>(logits);
            return float.IsFinite(greatest) ? [.. logits.Select(logit => logit - greatest)] : logits;
        }
    }

    private static void Count(SortedDictionary<int, ClassTally> tallies, int @class, bool labelled, bool answered)
    {
        if (!labelled && !answered)
            return;
        var before = tallies.GetValueOrDefault(@class);
        tallies[@class] = new ClassTally(
            @class,
            before.Labelled + (labelled ? 1 : 0),
            before.Answered + (answered ? 1 : 0),
            before.Right + (labelled && answered ? 1 : 0));
    }

    private static ReadOnlySpan<long> Indices(NativeTensor target) => target.As<long>();

    private static float[] Numbers(NativeTensor target) => target.ElementType == Onnx.ElementType.Double
        ? [.. target.As<double>().ToArray().Select(static value => (float)value)]
        : target.As<float>().ToArray();
}
