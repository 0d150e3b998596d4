using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Kernels.ClassLosses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Simd;
using OrtAdaMomentum.Tests.Gradients;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Kernels;

public unsafe class ClassLossKernelTests
{
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 0, 5, 1 }, { 1, 1, 1 }, { 3, 2, 1 }, { 5, 16, 1 }, { 4, 33, 1 }, { 7, 47, 1 }, { 300, 100, 1 }, { 3, 10_007, 1 },
        { 2, 3, 0 }, { 1, 1, 2 }, { 2, 3, 17 }, { 3, 10, 64 }, { 2, 21, 1000 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void The_logarithm_at_the_label_and_the_sum_of_all_are_those_of_the_definition(int outer, int classes, int inner)
    {
        var data = new Data(outer, classes, inner);
        double[] ofLabel = new double[data.Positions], ofAll = new double[data.Positions], weighted = new double[data.Positions];
        for (int position = 0; position < data.Positions; position++)
        {
            ofLabel[position] = Math.Log(data.Share(position, data.Label(position)));
            for (int index = 0; index < classes; index++)
            {
                ofAll[position] += Math.Log(data.Share(position, index));
                weighted[position] += data.Weights[index] * Math.Log(data.Share(position, index));
            }
        }

        KernelRuns.Check($"[{outer}, {classes}, {inner}]", (width, threads) => [.. data.Logarithms(false, width, threads).Take(2)], ofLabel, ofAll);
        KernelRuns.Check($"[{outer}, {classes}, {inner}], weights", (width, threads) => [.. data.Logarithms(true, width, threads).Take(2)], ofLabel, weighted);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void The_gradient_is_the_softmax_less_what_label_and_classes_lose(int outer, int classes, int inner)
    {
        var data = new Data(outer, classes, inner);
        float[] share = KernelRuns.Random(5, data.Positions, 2), ofLabel = KernelRuns.Random(6, data.Positions, 1), ofAll = KernelRuns.Random(7, data.Positions);
        foreach (bool smoothed in new[] { false, true })
        {
            foreach (bool weighted in new[] { false, true })
            {
                double[] expected = new double[data.Scores.Length];
                for (int position = 0; position < data.Positions; position++)
                {
                    for (int index = 0; index < classes; index++)
                    {
                        double lost = smoothed ? ofAll[position] * (weighted ? (double)data.Weights[index] : 1) : 0;
                        lost += index == data.Label(position) ? ofLabel[position] : 0;
                        expected[data.Place(position, index)] = (data.Share(position, index) * share[position]) - lost;
                    }
                }

                KernelRuns.Check(
                    $"[{outer}, {classes}, {inner}], smoothed {smoothed}, weighted {weighted}",
                    (width, threads) => [data.Gradient(share, ofLabel, smoothed ? ofAll : null, smoothed && weighted, width, threads)],
                    expected);
            }
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-4)]
    [InlineData(long.MinValue)]
    public void A_label_that_is_no_class_is_named(long label)
    {
        var problem = Assert.Throws<OnnxRuntimeException>(() => Run([0, label], [2, 1], 2));

        Assert.Contains($"Label {label} is none of 3 classes", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_negative_label_counts_from_the_end()
    {
        Assert.Equal(Run([2, 0], [2, 1], 2), Run([-1, -3], [2, 1], 2));
    }

    [Fact]
    public void Numbers_that_are_not_one_for_each_position_are_refused()
    {
        Assert.Contains("expected 2", Assert.Throws<OnnxRuntimeException>(() => Run([0], [1], 2)).Message, StringComparison.Ordinal);
        Assert.Contains("expected 2", Assert.Throws<OnnxRuntimeException>(() => Run([0, 1], [2], 3)).Message, StringComparison.Ordinal);
    }

    private static float[] Run(long[] labels, long[] labelShape, int factors)
    {
        var model = new ModelBuilder()
            .Opset(OnnxDomains.Kernels, 1)
            .Input("x", ElementType.Float, 2, 3)
            .Input("labels", ElementType.Int64, labelShape)
            .Input("f", ElementType.Float, factors)
            .Node(OnnxDomains.Kernels, "LabelledSoftmaxBackward", ["x", "labels", "f", "f"], ["y"], ("axis", 1L))
            .Output("y", TensorType.Of(ElementType.Float, 2, 3))
            .Build();
        using var session = CaseSession.Open(
            model,
            new Dictionary<string, (Array, long[])>
            {
                ["x"] = (KernelRuns.Random(1, 6), [2, 3]), ["labels"] = (labels, labelShape), ["f"] = (KernelRuns.Random(2, factors), [factors]),
            },
            optimize: true);
        return session.Run()["y"].Floats;
    }

    private sealed class Data
    {
        private readonly int _classes, _inner;
        private readonly ClassExtents _extents;
        private readonly long[] _labels;
        private readonly double[] _sums;

        public Data(int outer, int classes, int inner)
        {
            (_classes, _inner, _extents) = (classes, inner, new(outer, classes, inner));
            Positions = outer * inner;
            Scores = KernelRuns.Random(1, outer * classes * inner, 3);
            foreach (ref float score in Scores.AsSpan())
                score *= 4;
            Weights = KernelRuns.Random(2, classes, 1.5f);
            Random random = new(3);
            _labels = [.. Enumerable.Range(0, Positions).Select(_ => random.NextInt64(-classes, classes))];
            _sums = [.. Enumerable.Range(0, Positions).Select(position => Enumerable.Range(0, classes).Sum(index => Math.Exp(Scores[Place(position, index)])))];
        }

        public int Positions { get; }

        public float[] Scores { get; }

        public float[] Weights { get; }

        public long Label(int position) => (_labels[position] + _classes) % _classes;

        public int Place(int position, int index) => (((position / _inner * _classes) + index) * _inner) + (position % _inner);

        public double Share(int position, long index) => Math.Exp(Scores[Place(position, (int)index)]) / _sums[position];

        /// <summary>Logarithm at the label, sum over all classes, greatest and sum of exponentials.</summary>
        public float[][] Logarithms(bool weighted, VectorWidth width, KernelThreads threads)
        {
            float[] ofLabel = new float[Positions], ofAll = new float[Positions], greatest = new float[Positions], sum = new float[Positions];
            fixed (float* scores = Scores, weights = Weights, pl = ofLabel, pa = ofAll, pg = greatest, ps = sum)
            fixed (long* labels = _labels)
            {
                LabelLogProbability.Run(
                    new()
                    {
                        Extents = _extents, Scores = scores, Labels = labels, Weights = weighted ? weights : null, OfLabel = pl, Greatest = pg, Sum = ps,
                        OfAll = pa,
                    },
                    threads, width);
            }

            return [ofLabel, ofAll, greatest, sum];
        }

        /// <summary>The gradient, computed in the place of the scores.</summary>
        public float[] Gradient(float[] share, float[] ofLabel, float[]? ofAll, bool weighted, VectorWidth width, KernelThreads threads)
        {
            float[][] kept = Logarithms(weighted: false, width, threads);
            float[] result = [.. Scores];
            fixed (float* pr = result, weights = Weights, ps = share, pl = ofLabel, pa = ofAll, greatest = kept[2], sum = kept[3])
            fixed (long* labels = _labels)
            {
                LabelledSoftmaxBackward.Run(
                    new()
                    {
                        Extents = _extents, Scores = pr, Labels = labels, Share = new(ps, same: false), OfLabel = new(pl, same: false),
                        OfAll = new(pa, same: false), Weights = weighted ? weights : null, Greatest = greatest, Sum = sum, Result = pr,
                    },
                    threads, width);
            }

            return result;
        }
    }
}
