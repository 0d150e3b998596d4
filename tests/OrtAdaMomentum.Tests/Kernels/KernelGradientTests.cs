using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Gradients;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Kernels;

/// <summary>
/// Every gradient case whose rule offers kernels, run with them and without. The graph of ordinary operators is the reference: it is held
/// to differences and to PyTorch elsewhere.
/// </summary>
public class KernelGradientTests
{
    private const double Tolerance = 2e-6;

    public static IEnumerable<TheoryDataRow<string>> Cases() => GradientCases.Names();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Kernels_give_the_gradients_that_ordinary_operators_give(string name)
    {
        var @case = GradientCases.Named(name);
        var values = new CaseValues(@case);
        using var numeric = new NumericGradient(@case, values);
        foreach (var shapes in @case.StaticOnly is null ? Enum.GetValues<ShapeKnowledge>() : [ShapeKnowledge.Fixed])
        {
            var model = AnalyticGradient.Write(@case, values, ElementType.Float, shapes, numeric);
            var feeds = AnalyticGradient.Feeds(@case, values, ElementType.Float, numeric);
            var replaced = model.Clone();
            // A rule that offers nothing for fixed shapes, which come first, offers nothing for open ones.
            if (!KernelSubstitution.Apply(replaced, KernelRegistry.Computes))
                return;

            // What ONNX Runtime's LSTM gives depends on the number of threads.
            bool isOurs = replaced.Graph.Node.All(static node => node.OpType != "LSTM");
            using var reference = CaseSession.Open(model, feeds, optimize: true);
            using var one = CaseSession.Open(replaced, feeds, optimize: true);
            using var two = CaseSession.Open(replaced, feeds, optimize: true, threads: 2);
            var expected = reference.Run();
            var (alone, together) = (one.Run(), two.Run());
            foreach (var (output, tensor) in expected)
            {
                Assert.Equal(tensor.Shape, alone[output].Shape);
                AssertClose(tensor.Floats, alone[output].Floats, $"{output}, {shapes} shapes");
                if (isOurs)
                    Assert.Equal(alone[output].Floats, together[output].Floats);
            }
        }
    }

    private static void AssertClose(float[] expected, float[] actual, string where)
    {
        double norm = 0, difference = 0;
        for (int index = 0; index < expected.Length; index++)
        {
            norm += (double)expected[index] * expected[index];
            difference += ((double)actual[index] - expected[index]) * ((double)actual[index] - expected[index]);
        }

        Assert.True(Math.Sqrt(difference) <= Tolerance * Math.Sqrt(norm), $"{where}: off by {Math.Sqrt(difference)} of {Math.Sqrt(norm)}");
    }
}
