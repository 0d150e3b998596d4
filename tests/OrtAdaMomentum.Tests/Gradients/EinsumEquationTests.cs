using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Gradients.LinearAlgebra;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>What equations of Einsum mean, and those that no gradient can be written for.</summary>
public class EinsumEquationTests
{
    [Theory]
    [InlineData("ij,jk->ik", new[] { 2, 2 }, "ij,jk->ik")]
    [InlineData(" ij , jk -> ik ", new[] { 2, 2 }, "ij,jk->ik")]
    [InlineData("ij,jk", new[] { 2, 2 }, "ij,jk->ik")]
    [InlineData("ii", new[] { 2 }, "ii->")]
    [InlineData("bA", new[] { 2 }, "bA->Ab")]
    [InlineData("...i,...i->...", new[] { 3, 3 }, "abi,abi->ab")]
    [InlineData("a...b,b", new[] { 3, 1 }, "acb,b->ca")]
    [InlineData("...i->...i", new[] { 1 }, "i->i")]
    public void Every_axis_gets_a_letter(string equation, int[] ranks, string expected)
    {
        var parsed = EinsumEquation.Parse(equation, ranks);
        Assert.Equal(expected, $"{string.Join(',', parsed.Inputs)}->{parsed.Output}");
    }

    [Fact]
    public void Another_number_of_operands_is_refused()
    {
        var error = Assert.Throws<FineTuningException>(() => EinsumEquation.Parse("ij,jk->ik", [2]));
        Assert.Contains("'ij,jk->ik' does not fit its 1 inputs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_axes_than_letters_are_refused()
    {
        var error = Assert.Throws<FineTuningException>(() => EinsumEquation.Parse("...i->...", [53]));
        Assert.Contains("52 letters", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_whose_extent_the_runtime_mistakes_is_refused()
    {
        // ONNX Runtime takes the extent of a letter from the first operand that has it.
        var model = new ModelBuilder().Input("x", ElementType.Float, 2, 1).Input("w", ElementType.Float, 2, 3)
            .Node("Einsum", ["x", "w"], ["y"], ("equation", "ij,ij->ij")).Build();
        var graph = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var loss = graph.Value("y").SumAll();
        var error = Assert.Throws<UnsupportedOperatorException>(
            () => new Differentiator(graph, GradientRegistry.Default, GradientCase.Opset).Differentiate(loss, ["w"]));
        Assert.Contains("after the wider one", Assert.Single(error.Nodes).Reason, StringComparison.Ordinal);
    }
}
