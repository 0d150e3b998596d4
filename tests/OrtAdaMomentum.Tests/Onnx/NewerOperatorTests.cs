using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Tests.Gradients;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Onnx;

/// <summary>Operators that are newer than the internal opset compute the same when they are written out, for every gradient case of them.</summary>
public class NewerOperatorTests
{
    private static readonly NormalizeOptions Fixed = new() { FreeBatch = false };

    public static IEnumerable<TheoryDataRow<string>> Cases() => GradientCases.All
        .Where(static item => item.ModelOpset > GradientCase.Opset)
        .Select(static item => new TheoryDataRow<string>(item.Name));

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_written_out_computes_the_same(string name)
    {
        var @case = GradientCases.Named(name);
        var values = new CaseValues(@case);
        var feeds = CaseModel.Feeds(@case, values, ElementType.Float);
        foreach (var shapes in Enum.GetValues<ShapeKnowledge>())
        {
            var model = CaseModel.Build(@case, values, ElementType.Float, shapes, declareOutputs: true);
            var converted = ModelNormalizer.Normalize(model, Fixed);

            Assert.DoesNotContain(converted.Graph.Node, node => node.OpType == @case.Operator);
            Assert.Equal(GradientCase.Opset, Assert.Single(converted.OpsetImport).Version);
            using var original = CaseSession.Open(model, feeds, optimize: false);
            using var written = CaseSession.Open(converted, feeds, optimize: false);
            var (expected, actual) = (original.Run(), written.Run());
            Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
            foreach (string output in expected.Keys)
                OrtRun.AssertClose(expected[output], actual[output], 1e-5);
        }
    }

    [Fact]
    public void Causal_attention_to_padded_keys_in_double_precision_is_refused()
    {
        var model = new ModelBuilder(24)
            .Input("q", ElementType.Double, 1, 1, 2, 4).Input("k", ElementType.Double, 1, 1, 3, 4).Input("lengths", ElementType.Int64, 1)
            .Node("Attention", ["q", "k", "k", "", "", "", "lengths"], ["y"], ("is_causal", 1L)).Output("y").Build();
        var error = Assert.Throws<OnnxModelException>(() => ModelNormalizer.Normalize(model, Fixed));
        Assert.Contains("counts from the other end", error.Message, StringComparison.Ordinal);
    }
}
