using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Gradients.Coverage;
using OrtAdaMomentum.Onnx.Opsets;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>What is said of every operator.</summary>
public class GradientCoverageTests
{
    [Fact]
    public void No_operator_has_a_rule_and_a_reason_for_having_none()
    {
        var registry = GradientRegistry.Default;
        Assert.DoesNotContain(WithoutGradient.All, item => registry.IsDifferentiable(item.OperatorType, item.Domain));
    }

    [Fact]
    public void Every_standard_operator_that_is_spoken_of_exists()
    {
        var names = GradientRegistry.Default.All.Where(static rule => rule.Domain.Length == 0).Select(static rule => rule.OperatorType)
            .Concat(WithoutGradient.All.Where(static item => item.Domain.Length == 0).Select(static item => item.OperatorType));
        // The runtime has one operator of its own in the standard domain.
        Assert.DoesNotContain(names.Except(["SimplifiedLayerNormalization"]), name => !StandardOperators.ByName.ContainsKey(name));
    }

    [Fact]
    public void Every_standard_operator_has_a_gradient_or_a_reason_for_having_none()
    {
        var forgotten = GradientCoverage.Of(GradientRegistry.Default).Where(static item => item.Note == GradientCoverage.NoRule);
        Assert.Empty(forgotten.Select(static item => item.Name));
    }

    [Fact]
    public void A_rule_replaces_the_reason_for_having_none()
    {
        var registry = GradientRegistry.Default.With(new GradientRule("Round", static node => [node.Gradient]));
        Assert.False(registry.IsNonDifferentiable("Round"));
        Assert.Equal(OperatorSupport.Rule, Assert.Single(GradientCoverage.Of(registry), static item => item.Name == "Round").Support);
    }
}
