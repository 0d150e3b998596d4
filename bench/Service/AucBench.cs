using System.Text.Json.Nodes;
using OrtAdaMomentum.Personalization;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench.Service;

/// <summary>
/// One resample of the area under the curve against one that visits every sample of every class in the order of its probability, both over the same samples,
/// by models that know nothing and by models that rank most labels first.
/// </summary>
internal static class AucBench
{
    private const int Samples = 2000;

    private const int Rounds = 21;

    public static void Run(Results results)
    {
        results.Head(["model"], "classes", "samples visited", "of all", "time of a resample", "of one that visits all");
        foreach (int classes in new[] { 10, 100, 1000 })
        {
            foreach (var (model, knowledge) in new[] { ("knows nothing", 0f), ("good", 6f) })
                Measure(model, classes, knowledge, results);
        }
    }

    private static void Measure(string model, int classes, float knowledge, Results results)
    {
        var (probabilities, scores) = Draw(classes, knowledge);
        var random = new Random(3);
        int[] counts = new int[Samples];
        for (int draw = 0; draw < Samples; draw++)
            counts[random.Next(Samples)]++;
        int[] places = new int[Samples];
        var rankings = Enumerable.Range(0, classes).Select(column => ClassRanking.Of(probabilities, column, places)).OfType<ClassRanking>().ToList();
        double share = (double)rankings.Sum(static ranking => (long)ranking.Visits) / ((long)Samples * classes);
        var few = GateMetrics.Of(GateMetric.Auc).Prepare(scores)!;
        var all = new EveryVisit(probabilities);
        if (few(counts) != all.Area(counts))
            throw new InvalidOperationException("The two ways do not agree.");
        double[] times = Interleaved.Medians(Rounds, () => few(counts), () => all.Area(counts));
        results.Row(
            model, Invariant($"{classes}"), Invariant($"{share * Samples * classes:F0}"), Invariant($"{share:P1}"), Invariant($"{times[0] * 1e6:F0} µs"),
            Invariant($"{times[0] / times[1]:F3}"));
        results.Add("auc", new JsonObject { ["model"] = model, ["classes"] = classes, ["visited"] = share, ["time"] = times[0] / times[1] });
    }

    private static (ClassProbabilities Probabilities, SampleScores Scores) Draw(int classes, float knowledge)
    {
        var random = new Random(7);
        float[] values = new float[Samples * classes];
        bool[] truth = new bool[values.Length];
        for (int sample = 0; sample < Samples; sample++)
        {
            int label = random.Next(classes);
            truth[sample * classes + label] = true;
            for (int column = 0; column < classes; column++)
                values[sample * classes + column] = Normal(random) + (column == label ? knowledge : 0);
        }

        var probabilities = new ClassProbabilities(classes, values, truth);
        return (probabilities, new SampleScores([.. Enumerable.Repeat(new SampleScore { Loss = 0 }, Samples)], probabilities));
    }

    private static float Normal(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    /// <summary>The area by its definition, each class sorted once and laid out in its order.</summary>
    private sealed class EveryVisit
    {
        private readonly (int[] Order, float[] Values, bool[] IsTrue)[] _classes;

        public EveryVisit(ClassProbabilities probabilities) => _classes =
        [
            .. Enumerable.Range(0, probabilities.Columns).Select(column =>
            {
                int[] order = [.. Enumerable.Range(0, Samples).OrderBy(sample => probabilities.Of(sample, column))];
                return (order, order.Select(sample => probabilities.Of(sample, column)).ToArray(), order.Select(sample => probabilities.IsTrue(sample, column)).ToArray());
            }),
        ];

        public double Area(int[] counts)
        {
            double sum = 0;
            int defined = 0;
            foreach (var (order, values, isTrue) in _classes)
            {
                double area = Area(counts, order, values, isTrue);
                sum += double.IsNaN(area) ? 0 : area;
                defined += double.IsNaN(area) ? 0 : 1;
            }

            return sum / defined;
        }

        private static double Area(int[] counts, int[] order, float[] values, bool[] isTrue)
        {
            long positives = 0, negatives = 0, halves = 0;
            for (int place = 0; place < order.Length;)
            {
                long tiedPositives = 0, tiedNegatives = 0;
                float value = values[place];
                for (; place < order.Length && values[place] == value; place++)
                {
                    if (isTrue[place])
                        tiedPositives += counts[order[place]];
                    else
                        tiedNegatives += counts[order[place]];
                }

                halves += tiedPositives * (2 * negatives + tiedNegatives);
                positives += tiedPositives;
                negatives += tiedNegatives;
            }

            return positives == 0 || negatives == 0 ? double.NaN : halves / (2.0 * positives * negatives);
        }
    }
}
