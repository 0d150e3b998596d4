using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Gating;

/// <summary>Each metric against values worked out by hand, and against its definition on random scores and choices.</summary>
public class GateMetricTests
{
    // Label and answer of ten samples: 3 of class 0 (2 found), 3 of class 1 (1 found), 4 of class 2 (all found).
    private static readonly (int Label, int Answer)[] Ten = [(0, 0), (0, 0), (0, 2), (1, 1), (1, 0), (1, 2), (2, 2), (2, 2), (2, 2), (2, 2)];

    [Fact]
    public void Accuracy_is_the_share_of_right_answers()
    {
        Assert.Equal(0.7, Value(GateMetric.Accuracy, Classes(Ten)), 12);
        // The second sample three times, the fifth once.
        Assert.Equal(0.75, Value(GateMetric.Accuracy, Classes(Ten), [0, 3, 0, 0, 1, 0, 0, 0, 0, 0]), 12);
    }

    [Fact]
    public void Macro_F1_weighs_every_class_alike()
    {
        // F1 of the classes: 2*2/(3+3), 2*1/(3+1), 2*4/(4+6).
        Assert.Equal((4.0 / 6 + 2.0 / 4 + 8.0 / 10) / 3, Value(GateMetric.MacroF1, Classes(Ten)), 12);
        // Class 1 alone, of which one of two is found and the other taken for class 0, which then counts with 0.
        Assert.Equal((2.0 / 3 + 0) / 2, Value(GateMetric.MacroF1, Classes(Ten), [0, 0, 0, 1, 1, 0, 0, 0, 0, 0]), 12);
    }

    [Fact]
    public void Loss_is_the_mean_and_leaves_out_what_is_not_chosen()
    {
        var scores = new SampleScores([new() { Loss = 1 }, new() { Loss = 2 }, new() { Loss = double.NaN }]);
        Assert.Equal(1.25, Value(GateMetric.Loss, scores, [3, 1, 0]), 12);
        Assert.Equal(double.NaN, Value(GateMetric.Loss, scores, [1, 1, 1]));
    }

    [Theory]
    [InlineData(GateMetric.MeanAbsoluteError, 3)]
    [InlineData(GateMetric.MeanSquaredError, 17)]
    [InlineData(GateMetric.EditDistance, 0.375)]
    public void Errors_are_means_over_the_samples(GateMetric metric, double expected)
    {
        var scores = new SampleScores(
        [
            new() { Loss = 0, AbsoluteError = 1, SquaredError = 1, EditDistance = 0.25 },
            new() { Loss = 0, AbsoluteError = 5, SquaredError = 33, EditDistance = 0.5 },
        ]);
        Assert.Equal(expected, Value(metric, scores), 12);
    }

    [Fact]
    public void Auc_counts_ties_as_half_and_is_undefined_without_both_kinds()
    {
        // Positives at 0.9 and 0.5, negatives at 0.5, 0.1 and 0.95: of six pairs three are right, one is tied.
        var scores = Probabilities(1, [0.9f, 0.5f, 0.5f, 0.1f, 0.95f], [true, true, false, false, false]);
        Assert.Equal(3.5 / 6, Value(GateMetric.Auc, scores), 12);
        // The tied positive twice with the tied negative and the low one: (2*0.5 + 2*1) / 4.
        Assert.Equal(0.75, Value(GateMetric.Auc, scores, [0, 2, 1, 1, 0]), 12);
        Assert.Equal(double.NaN, Value(GateMetric.Auc, scores, [1, 1, 0, 0, 0]));
    }

    [Fact]
    public void Auc_of_several_classes_is_the_mean_of_one_against_the_rest()
    {
        // Three samples, one of each class: class 0 is ranked first of 2 pairs both right, class 1 one of two, class 2 none.
        float[] values = [0.8f, 0.15f, 0.05f, 0.3f, 0.2f, 0.5f, 0.2f, 0.5f, 0.3f];
        bool[] truth = [true, false, false, false, true, false, false, false, true];
        Assert.Equal((1 + 0.5 + 0.5) / 3, Value(GateMetric.Auc, Probabilities(3, values, truth)), 12);
        // Without the third sample class 2 has no positive and does not count.
        Assert.Equal((1 + 1) / 2.0, Value(GateMetric.Auc, Probabilities(3, values, truth), [1, 1, 0]), 12);
    }

    [Fact]
    public void Auc_looks_at_no_class_without_both_kinds_and_at_few_samples_where_the_ranking_is_clear()
    {
        // 200 samples of two of fifty classes, each ranked first in its own.
        const int samples = 200, classes = 50;
        float[] values = new float[samples * classes];
        bool[] truth = new bool[values.Length];
        for (int sample = 0; sample < samples; sample++)
        {
            truth[sample * classes + sample % 2] = true;
            for (int column = 0; column < classes; column++)
                values[sample * classes + column] = (column == sample % 2 ? 1000 : 0) + sample * 31 % 97;
        }

        var probabilities = new ClassProbabilities(classes, values, truth);
        int[] places = new int[samples];
        var rankings = Enumerable.Range(0, classes).Select(column => ClassRanking.Of(probabilities, column, places)).ToList();
        Assert.All(rankings.Skip(2), static ranking => Assert.Null(ranking));
        Assert.All(rankings.Take(2), static ranking => Assert.Equal(samples / 2, ranking!.Visits));
        Assert.Equal(1, Value(GateMetric.Auc, Probabilities(classes, values, truth)));

        // Whatever the ranking, the greatest part of the others that lies together is not looked at.
        var random = new Random(8);
        for (int place = 0; place < values.Length; place++)
            values[place] = random.Next(10);
        probabilities = new ClassProbabilities(classes, values, truth);
        Assert.All(Enumerable.Range(0, 2).Select(column => ClassRanking.Of(probabilities, column, places)), static ranking => Assert.InRange(ranking!.Visits, 100, 190));
    }

    [Fact]
    public void Auc_takes_what_is_no_number_for_the_lowest()
    {
        float[] values = [float.NaN, 0.5f, float.NaN, 0.2f];
        bool[] truth = [true, true, false, false];
        // The positive at 0.5 is above both negatives, the one without a number tied with one and below the other.
        Assert.Equal(2.5 / 4, Value(GateMetric.Auc, Probabilities(1, values, truth)), 12);
    }

    [Fact]
    public void Metrics_agree_with_their_definitions_on_random_choices()
    {
        var random = new Random(5);
        for (int round = 0; round < 50; round++)
        {
            const int classes = 4;
            int count = random.Next(5, 40);
            (int Label, int Answer)[] pairs = [.. Enumerable.Range(0, count).Select(_ => (random.Next(classes), random.Next(classes)))];
            // Few different values, so that there are ties.
            float[] values = [.. Enumerable.Range(0, count * classes).Select(_ => random.Next(6) / 5f)];
            int[] counts = [.. Enumerable.Range(0, count).Select(_ => random.Next(4))];
            var chosen = Enumerable.Range(0, count).SelectMany(sample => Enumerable.Repeat(sample, counts[sample])).ToList();
            if (chosen.Count == 0)
                continue;
            var scores = Classes(pairs, values);

            Assert.Equal(chosen.Average(sample => pairs[sample].Label == pairs[sample].Answer ? 1.0 : 0), Value(GateMetric.Accuracy, scores, counts), 12);
            Assert.Equal(F1(chosen.ConvertAll(sample => pairs[sample])), Value(GateMetric.MacroF1, scores, counts), 12);
            double[] areas =
            [
                .. Enumerable.Range(0, classes)
                    .Select(column => Area(chosen.ConvertAll(sample => (values[sample * classes + column], pairs[sample].Label == column))))
                    .Where(static area => !double.IsNaN(area)),
            ];
            Assert.Equal(areas.Length == 0 ? double.NaN : areas.Average(), Value(GateMetric.Auc, scores, counts), 12);
        }
    }

    /// <summary>By precision and recall, as the textbook has it.</summary>
    private static double F1(List<(int Label, int Answer)> pairs) =>
        pairs.SelectMany(static pair => new[] { pair.Label, pair.Answer }).Distinct().Average(@class =>
        {
            double both = pairs.Count(pair => pair.Label == @class && pair.Answer == @class);
            double precision = both / Math.Max(1, pairs.Count(pair => pair.Answer == @class)), recall = both / Math.Max(1, pairs.Count(pair => pair.Label == @class));
            return both == 0 ? 0 : 2 * precision * recall / (precision + recall);
        });

    /// <summary>By all pairs of a positive and a negative.</summary>
    private static double Area(List<(float Value, bool IsTrue)> samples)
    {
        var pairs = samples.Where(static sample => sample.IsTrue).SelectMany(positive => samples.Where(static sample => !sample.IsTrue).Select(negative => (positive, negative))).ToList();
        return pairs.Count == 0 ? double.NaN : pairs.Average(static pair => pair.positive.Value > pair.negative.Value ? 1 : pair.positive.Value < pair.negative.Value ? 0 : 0.5);
    }

    private static double Value(GateMetric metric, SampleScores scores, int[]? counts = null) =>
        GateMetrics.Of(metric).Prepare(scores)!(counts ?? [.. Enumerable.Repeat(1, scores.Samples.Count)]);

    private static SampleScores Probabilities(int columns, float[] values, bool[] truth) =>
        new([.. Enumerable.Repeat(new SampleScore { Loss = 0 }, values.Length / columns)], new ClassProbabilities(columns, values, truth));

    private static SampleScores Classes((int Label, int Answer)[] pairs, float[]? values = null)
    {
        int columns = values is null ? 0 : values.Length / pairs.Length;
        return new SampleScores(
            [.. pairs.Select(static pair => new SampleScore
            {
                Loss = 0,
                Answers = 1,
                Right = pair.Label == pair.Answer ? 1 : 0,
                Classes = pair.Label == pair.Answer
                    ? [new ClassTally(pair.Label, 1, 1, 1)]
                    : [new ClassTally(pair.Label, 1, 0, 0), new ClassTally(pair.Answer, 0, 1, 0)],
            })],
            values is null ? null : new ClassProbabilities(columns, values, [.. pairs.SelectMany(pair => Enumerable.Range(0, columns).Select(column => column == pair.Label))]));
    }
}
