using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>Checks every case against differences of the forward pass, with fixed, named and entirely symbolic shapes.</summary>
public class GradientCheck
{
    private const double SmallestScale = 0.1;

    public static IEnumerable<TheoryDataRow<string>> Cases() => GradientCases.Names();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients_equal_differences(string name)
    {
        var @case = GradientCases.Named(name);
        var values = new CaseValues(@case);
        using var numeric = new NumericGradient(@case, values);
        foreach (var shapes in @case.StaticOnly is null ? Enum.GetValues<ShapeKnowledge>() : [ShapeKnowledge.Fixed])
        {
            var analytic = AnalyticGradient.Compute(@case, values, numeric.Precision, shapes, numeric);
            for (int index = 0; index < @case.Inputs.Count; index++)
            {
                if (@case.Inputs[index].Role != InputRole.Variable)
                    continue;
                double[] gradient = Elements(@case, analytic, index);
                if (@case.NoDifferences is null)
                    AssertClose(numeric.Of(index), gradient, Tolerance(numeric, analytic), $"input {index}, {shapes} shapes, {analytic.Precision}");
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"{shapes}: forward {numeric.Precision}, gradient {analytic.Precision}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients_are_well_typed_in_half_precision(string name)
    {
        var @case = GradientCases.Named(name);
        if (@case.SingleOnly is not null || @case.Operator is "Celu" or "Range")
            return; // Neither is defined for half precision.
        var values = new CaseValues(@case);
        using var numeric = new NumericGradient(@case, values);

        // Writing asks ONNX Runtime for all types, which fails where a formula mixes them.
        var model = AnalyticGradient.Write(@case, values, ElementType.Float16, ShapeKnowledge.Fixed, numeric);
        Assert.All(model.Graph.Output, static output => Assert.Equal((int)ElementType.Float16, output.Type.TensorType.ElemType));
    }

    [Fact]
    public void Every_rule_has_a_case()
    {
        var covered = GradientCases.All.Select(static item => (item.Domain, item.Operator)).ToHashSet();
        var registry = GradientRegistry.Default;
        var known = registry.All.Select(static rule => (rule.Domain, rule.OperatorType))
            .Concat(registry.Compositions.Select(static composition => (composition.Domain, composition.OperatorType)));
        // What QuantizeLinear gives is integers, of which no loss can be made: QuantizationGradients has its cases.
        Assert.Empty(known.Where(static item => item.OperatorType != "QuantizeLinear").Except(covered));
    }

    /// <summary>The gradient of an input in its own shape, zeros where none reaches it.</summary>
    internal static double[] Elements(GradientCase @case, AnalyticGradient analytic, int input)
    {
        if (!analytic.ByInput.TryGetValue(input, out var tensor))
            return new double[@case.Inputs[input].ElementCount];
        Assert.Equal(@case.Inputs[input].Shape, tensor.Shape);
        return tensor.Numbers;
    }

    /// <summary>Compares by norm: single elements may cancel, all together may not.</summary>
    internal static void AssertClose(double[] expected, double[] actual, double tolerance, string where)
    {
        Assert.Equal(expected.Length, actual.Length);
        double norm = 0, error = 0;
        int worst = 0;
        for (int index = 0; index < expected.Length; index++)
        {
            norm += expected[index] * expected[index];
            error += Math.Pow(expected[index] - actual[index], 2);
            if (Math.Abs(expected[index] - actual[index]) > Math.Abs(expected[worst] - actual[worst]))
                worst = index;
        }

        double scale = Math.Max(Math.Sqrt(norm), SmallestScale);
        Assert.True(
            Math.Sqrt(error) <= tolerance * scale,
            $"{where}: relative error {Math.Sqrt(error) / scale:g3} is above {tolerance:g3}; element {(expected.Length == 0 ? 0 : worst)} is "
            + $"{(expected.Length == 0 ? 0 : actual[worst])}, expected {(expected.Length == 0 ? 0 : expected[worst])}; "
            + $"all: [{string.Join(", ", actual)}], expected [{string.Join(", ", expected)}]");
    }

    private static double Tolerance(NumericGradient numeric, AnalyticGradient analytic) =>
        numeric.Precision == ElementType.Float ? 2e-3 : analytic.Precision == ElementType.Float ? 1e-5 : 1e-6;
}
