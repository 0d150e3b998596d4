using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.Optimizers;

/// <summary>The forms of AdamW, against their formulas in double precision.</summary>
public class AdamWFormTests
{
    [Theory]
    [InlineData(AdamWForm.PyTorch, true)]
    [InlineData(AdamWForm.PyTorch, false)]
    [InlineData(AdamWForm.HuggingFace, true)]
    [InlineData(AdamWForm.HuggingFace, false)]
    public void Each_form_follows_its_formula(AdamWForm form, bool corrects)
    {
        var options = new AdamWOptions { LearningRate = 0.05, Epsilon = 1e-3, WeightDecay = 0.1, Form = form, CorrectsBias = corrects };
        var layout = Buffers.Layout(19);
        using var optimizer = new AdamW(layout, options);
        using var parameters = Buffers.Random(layout, 1);
        float[] packed = new float[19];
        parameters.CopyToPacked(packed);
        double[] p = [.. packed.Select(static value => (double)value)], m = new double[19], v = new double[19];
        for (int step = 1; step <= 5; step++)
        {
            using var gradients = Buffers.Random(layout, 10 + step);
            gradients.CopyToPacked(packed);
            Assert.True(optimizer.Step(parameters, gradients).Applied);
            double first = corrects ? 1 - Math.Pow(0.9, step) : 1, second = corrects ? 1 - Math.Pow(0.999, step) : 1;
            for (int index = 0; index < p.Length; index++)
            {
                m[index] = 0.9 * m[index] + 0.1 * packed[index];
                v[index] = 0.999 * v[index] + 0.001 * packed[index] * packed[index];
                if (form == AdamWForm.PyTorch)
                {
                    p[index] -= 0.05 * 0.1 * p[index];
                    p[index] -= 0.05 * m[index] / first / (Math.Sqrt(v[index] / second) + 1e-3);
                }
                else
                {
                    p[index] -= 0.05 * Math.Sqrt(second) / first * m[index] / (Math.Sqrt(v[index]) + 1e-3);
                    p[index] -= 0.05 * 0.1 * p[index];
                }
            }
        }

        parameters.CopyToPacked(packed);
        Assert.All(p.Zip(packed), static pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }
}
