using OrtAdaMomentum.Kernels.Elementwise;
using OrtAdaMomentum.Kernels.Normalization;

namespace OrtAdaMomentum.Tests.Kernels;

public unsafe class BatchNormalizationKernelTests
{
    private const float Epsilon = 1e-3f;
    private const float Momentum = 0.7f;

    public static TheoryData<int, int, int> Shapes => new()
    {
        { 1, 1, 1 }, { 2, 3, 1 }, { 3, 2, 7 }, { 2, 5, 9 }, { 4, 3, 16 }, { 2, 2, 49 },
        { 8, 50, 9 }, { 3, 33, 36 }, { 5, 16, 2 }, { 6, 40, 1 }, { 1, 1, 10007 }, { 3, 70, 513 }, { 0, 2, 4 }, { 2, 0, 4 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Forward(int batch, int channels, int area) => CheckForward(default(Unchanged), static y => y, batch, channels, area);

    [Theory, MemberData(nameof(Shapes))]
    public void Forward_with_an_activation_behind(int batch, int channels, int area)
    {
        CheckForward(default(Relu), static y => Math.Max(y, 0), batch, channels, area);
        CheckForward(new Clip(-0.5f, 0.75f), static y => Math.Clamp(y, -0.5f, 0.75f), batch, channels, area);
    }

    private static void CheckForward<TActivation>(TActivation activation, Func<double, double> apply, int batch, int channels, int area)
        where TActivation : unmanaged, IElementwise
    {
        int length = batch * channels * area;
        float[] x = KernelRuns.Random(1, length, 3), scale = KernelRuns.Random(2, channels, 2), bias = KernelRuns.Random(3, channels);
        float[] runningMean = KernelRuns.Random(4, channels), runningVariance = KernelRuns.Random(5, channels, 2);
        (double[] mean, double[] variance) = Statistics(x, batch, channels, area);
        double[] inverse = [.. variance.Select(static value => 1 / Math.Sqrt(value + Epsilon))];
        double[] y = new double[length];
        for (int i = 0; i < length; i++)
        {
            int c = i / area % channels;
            y[i] = apply(((x[i] - mean[c]) * inverse[c] * scale[c]) + bias[c]);
        }

        if (batch == 0)
            mean = variance = inverse = [.. mean.Select(static _ => double.NaN)];
        KernelRuns.Check($"[{batch}, {channels}, {area}]", (width, threads) =>
        {
            float[] result = new float[length], means = new float[channels], inverses = new float[channels];
            float[] nextMean = [.. runningMean], nextVariance = [.. runningVariance];
            fixed (float* px = x, ps = scale, pb = bias, py = result, pm = means, pi = inverses, pnm = nextMean, pnv = nextVariance)
            {
                BatchNormalizationForward.Run(
                    activation,
                    new BatchNormalizationForward.Arguments
                    {
                        X = px, Scale = ps, Bias = pb, Y = py, Mean = pm, Inverse = pi, RunningMean = pnm, RunningVariance = pnv, NextMean = pnm,
                        NextVariance = pnv, Momentum = Momentum, Epsilon = Epsilon, Batch = batch, Channels = channels, Area = area,
                    },
                    threads,
                    width);
            }

            return batch == 0 ? [result] : [result, means, inverses, nextMean, nextVariance];
        }, batch == 0 ? [y] : [y, mean, inverse, Mixed(runningMean, mean), Mixed(runningVariance, variance)]);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Backward_with_statistics_of_the_batch(int batch, int channels, int area)
    {
        // An empty batch has no statistics that could be computed.
        foreach (bool saved in batch == 0 ? new[] { true } : [true, false])
            CheckBackward(default(Unchanged), static y => true, batch, channels, area, frozen: false, saved);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Backward_with_an_activation_behind(int batch, int channels, int area)
    {
        CheckBackward(default(ReluBackward), static y => y > 0, batch, channels, area, frozen: false, saved: true);
        CheckBackward(new ClipBackward(-0.5f, 0.75f), static y => y is >= -0.5f and <= 0.75f, batch, channels, area, frozen: false, saved: true);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Backward_with_frozen_statistics(int batch, int channels, int area)
    {
        foreach (bool saved in new[] { true, false })
            CheckBackward(default(Unchanged), static y => true, batch, channels, area, frozen: true, saved);
    }

    private static void CheckBackward<TActivation>(
        TActivation activation, Func<float, bool> passes, int batch, int channels, int area, bool frozen, bool saved)
        where TActivation : unmanaged, IElementwise
    {
        int length = batch * channels * area;
        float[] x = KernelRuns.Random(1, length, 3), gradient = KernelRuns.Random(2, length), scale = KernelRuns.Random(3, channels, 2);
        float[] bias = KernelRuns.Random(4, channels);
        float[] mean, inverse, variance;
        if (frozen)
        {
            (mean, variance) = (KernelRuns.Random(5, channels), KernelRuns.Random(6, channels, 2));
            inverse = [.. variance.Select(static value => (float)(1 / Math.Sqrt(value + Epsilon)))];
        }
        else
        {
            var (means, variances) = Statistics(x, batch, channels, area);
            (mean, variance) = ([.. means.Select(static value => (float)value)], []);
            inverse = [.. variances.Select(static value => (float)(1 / Math.Sqrt(value + Epsilon)))];
        }

        double[] sum = new double[channels], product = new double[channels], result = new double[length];
        double G(int i, int c) => passes(MathF.FusedMultiplyAdd(x[i] - mean[c], scale[c] * inverse[c], bias[c])) ? gradient[i] : 0;
        for (int i = 0; i < length; i++)
        {
            int c = i / area % channels;
            sum[c] += G(i, c);
            product[c] += G(i, c) * (x[i] - (double)mean[c]) * inverse[c];
        }

        double count = batch * area;
        for (int i = 0; i < length; i++)
        {
            int c = i / area % channels;
            double normalised = (x[i] - (double)mean[c]) * inverse[c];
            result[i] = scale[c] * (double)inverse[c] * (frozen ? G(i, c) : G(i, c) - (sum[c] / count) - (normalised * product[c] / count));
        }

        foreach (bool overInput in new[] { false, true })
        {
            string what = $"[{batch}, {channels}, {area}] frozen {frozen} saved {saved} over input {overInput}";
            KernelRuns.Check(what, Run(overInput), result, product, sum);
        }

        KernelRuns.Run Run(bool overInput) => (width, threads) =>
        {
            float[] input = [.. x], output = [.. gradient], ofScale = new float[channels], ofBias = new float[channels];
            fixed (float* px = input, pg = output, ps = scale, pb = bias, pm = mean, pi = inverse, pv = variance, pgs = ofScale, pgb = ofBias)
            {
                BatchNormalizationBackward.Run(
                    activation,
                    new BatchNormalizationBackward.Arguments
                    {
                        X = px, Gradient = pg, Scale = ps, Bias = pb, Mean = saved || frozen ? pm : null, Inverse = saved ? pi : null, Variance = pv,
                        Epsilon = Epsilon, Frozen = frozen, XGradient = overInput ? px : pg, ScaleGradient = pgs, BiasGradient = pgb,
                        Batch = batch, Channels = channels, Area = area,
                    },
                    threads,
                    width);
            }

            return [overInput ? input : output, ofScale, ofBias];
        };
    }

    private static (double[] Mean, double[] Variance) Statistics(float[] x, int batch, int channels, int area)
    {
        double[] mean = new double[channels], variance = new double[channels];
        for (int i = 0; i < x.Length; i++)
            mean[i / area % channels] += x[i] / ((double)batch * area);
        for (int i = 0; i < x.Length; i++)
            variance[i / area % channels] += Math.Pow(x[i] - mean[i / area % channels], 2) / ((double)batch * area);
        return (mean, variance);
    }

    private static double[] Mixed(float[] before, double[] now) =>
        [.. before.Zip(now, static (old, value) => (old * (double)Momentum) + (value * (1 - (double)Momentum)))];
}
