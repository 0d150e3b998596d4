using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Gradients;
using OrtAdaMomentum.Tests.Losses.Golden;

namespace OrtAdaMomentum.Tests.Losses;

/// <summary>Compares every loss and its gradient with those that PyTorch computed in double.</summary>
public sealed class GoldenLosses
{
    private const double Tolerance = 1e-5;

    // Sums of logarithms over a hundred steps have fewer digits left behind the point.
    private const double SequenceTolerance = 1e-4;

    public static TheoryData<string> Names => [.. LossCases.All.Select(static item => item.FullName)];

    public static TheoryData<string, string> NamesOfContained =>
        [.. LossCases.All.Where(static item => item.Activation == "Identity").SelectMany(Endings, static (item, ending) => (item.FullName, ending))];

    [Theory]
    [MemberData(nameof(Names))]
    public void Value_and_gradient_equal_PyTorchs(string name)
    {
        var @case = LossCases.Named(name);
        Check(@case, @case.Activation, @case.ToLoss(@case.Activation == "Identity" && @case.Axis != -1 ? @case.Axis : null));
    }

    [Theory]
    [MemberData(nameof(NamesOfContained))]
    public void They_are_the_same_with_the_final_activation_that_the_loss_contains(string name, string activation)
    {
        var @case = LossCases.Named(name);
        Check(@case, activation, @case.ToLoss(classAxis: null));
    }

    [Fact]
    public void Every_loss_has_a_case() =>
        Assert.Equal(LossRegistry.Names.Order(), LossCases.All.Select(static item => item.Loss).Distinct().Order());

    private static IEnumerable<string> Endings(LossCase item) =>
        LossRegistry.Create(item.Loss).StableUnder.Select(static activation => activation.ToString());

    private static void Check(LossCase @case, string activation, Loss loss)
    {
        double tolerance = loss is CtcLoss ? SequenceTolerance : Tolerance;
        Dimension[] known = [.. @case.Shape.Select(static extent => Dimension.Of(extent))];
        Dimension[] free = [.. known];
        free[0] = Dimension.Named("batch");
        if (loss is CtcLoss)
            free[1] = Dimension.Named("time");
        foreach (var shape in new[] { known, free })
        {
            var graph = LossGraph.Build(loss, activation, @case.Axis, shape);
            Assert.Equal(@case.TargetShape.Length, graph.Attached.Target.Shape.Count);
            Check(@case, graph, tolerance);
            if (graph.WithKernels() is { } replaced)
                Check(@case, replaced, tolerance);
        }
    }

    private static void Check(LossCase @case, LossGraph graph, double tolerance)
    {
        var (value, gradient) = graph.Run(@case.PredictionValues, @case.Shape, @case.TargetValues, @case.TargetShape);
        Assert.True(Math.Abs(value - @case.Value) <= tolerance * Math.Abs(@case.Value), $"loss {value}, expected {@case.Value}");
        GradientCheck.AssertClose(@case.Gradient, Array.ConvertAll(gradient, static element => (double)element), tolerance, "gradient");
    }
}
