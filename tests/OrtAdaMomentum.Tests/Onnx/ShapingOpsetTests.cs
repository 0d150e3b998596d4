using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Tests.Gradients;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Onnx;

/// <summary>Operators that shape, pick and place elements: every version that changed them computes the same and has a gradient.</summary>
public class ShapingOpsetTests
{
    private static readonly (string, object)[] CountedFirst = [("mode", "CRD")];

    [Theory]
    [InlineData(7)]
    [InlineData(11)]
    [InlineData(12)]
    public void Channels_and_blocks(int opset) => AssertSameAndTrains(new ModelBuilder(opset)
        .Input("x", ElementType.Float, 1, 8, 2, 2)
        .Node("DepthToSpace", ["x"], ["d"], [("blocksize", 2L), .. opset >= 11 ? CountedFirst : []])
        .Node("SpaceToDepth", ["d"], ["y"], ("blocksize", 4L))
        .Output("y"));

    [Theory]
    [InlineData("Scatter", 9)]
    [InlineData("Scatter", 10)]
    [InlineData("ScatterElements", 11)]
    [InlineData("ScatterElements", 13)]
    [InlineData("ScatterElements", 16, "mul")]
    [InlineData("ScatterElements", 18, "max")]
    [InlineData("ScatterElements", 26, "min")]
    public void Scattered_elements(string operatorType, int opset, string? reduction = null) => AssertSameAndTrains(new ModelBuilder(opset)
        .Input("x", ElementType.Float, 2, 3)
        .Initializer("i", [1L, 2, 0, 2], 2, 2)
        .Initializer("u", OrtRun.Random(4, 5), 2, 2)
        .Node(operatorType, ["x", "i", "u"], ["y"], [("axis", 1L), .. Reduction(reduction)])
        .Output("y"));

    [Theory]
    [InlineData(11)]
    [InlineData(13)]
    [InlineData(16, "add")]
    [InlineData(18, "max")]
    [InlineData(24, "min")]
    public void Scattered_slices(int opset, string? reduction = null) => AssertSameAndTrains(new ModelBuilder(opset)
        .Input("x", ElementType.Float, 3, 2)
        .Initializer("i", [2L, 0], 2, 1)
        .Initializer("u", OrtRun.Random(4, 5), 2, 2)
        .Node("ScatterND", ["x", "i", "u"], ["y"], [.. Reduction(reduction)])
        .Output("y"));

    [Theory]
    [InlineData(9)]
    [InlineData(11)]
    public void Compressed_slices(int opset) => AssertSameAndTrains(new ModelBuilder(opset)
        .Input("x", ElementType.Float, 2, 3)
        .Initializer("c", [true, false, true], 3)
        .Node("Compress", ["x", "c"], ["y"], ("axis", 1L))
        .Output("y"));

    [Theory]
    [InlineData(7)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(24)]
    public void Greatest_elements(int opset)
    {
        var model = new ModelBuilder(opset).Input("x", ElementType.Float, 2, 5).Initializer("k", [2L], 1);
        AssertSameAndTrains(opset < 10
            ? model.Node("TopK", ["x"], ["y", "i"], ("k", 2L)).Output("y")
            : model.Node("TopK", ["x", "k"], ["y", "i"]).Output("y"));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(24)]
    public void Reversed_sequences(int opset) => AssertSameAndTrains(new ModelBuilder(opset)
        .Input("x", ElementType.Float, 3, 2)
        .Initializer("lengths", [2L, 3], 2)
        .Node("ReverseSequence", ["x", "lengths"], ["y"])
        .Output("y"));

    [Theory]
    [InlineData(11, "Det")]
    [InlineData(22, "Det")]
    [InlineData(9, "Shrink")]
    [InlineData(24, "Swish")]
    public void Functions_of_one_tensor(int opset, string operatorType) =>
        AssertSameAndTrains(new ModelBuilder(opset).Input("x", ElementType.Float, 2, 2).Node(operatorType, ["x"], ["y"]).Output("y"));

    [Theory]
    [InlineData(10)]
    [InlineData(13)]
    public void Remainders(int opset) => AssertSameAndTrains(new ModelBuilder(opset)
        .Input("x", ElementType.Float, 2, 3)
        .Initializer("d", [0.125f])
        .Node("Mod", ["x", "d"], ["y"], ("fmod", 1L))
        .Output("y"));

    [Fact]
    public void Sums_of_products() => AssertSameAndTrains(new ModelBuilder(12)
        .Input("x", ElementType.Float, 2, 3)
        .Node("Einsum", ["x", "x"], ["y"], ("equation", "ij,kj"))
        .Output("y"));

    [Theory]
    [InlineData(15)]
    [InlineData(25)]
    public void A_type_like_another(int opset) => AssertSameAndTrains(new ModelBuilder(opset)
        .Input("x", ElementType.Float, 2, 3)
        .Initializer("like", [1f], 1)
        .Node("CastLike", ["x", "like"], ["y"])
        .Output("y"));

    private static IEnumerable<(string, object)> Reduction(string? reduction) => reduction is null ? [] : [("reduction", reduction)];

    /// <summary>The same output after conversion, and the gradient of its squares as differences have it.</summary>
    private static void AssertSameAndTrains(ModelBuilder builder)
    {
        var model = builder.Build();
        var converted = ModelNormalizer.Normalize(model, new NormalizeOptions { FreeBatch = false });
        long[] shape = [.. model.Graph.Input[0].Type.TensorType.Shape.Dim.Select(static axis => axis.DimValue)];
        float[] values = OrtRun.Random((int)shape.Aggregate(1L, static (product, extent) => product * extent), 3);
        var feeds = new Dictionary<string, (Array Data, long[] Shape)> { ["x"] = (values, shape) };
        OrtRun.AssertClose(OrtRun.Run(model, ("x", values, shape))["y"], OrtRun.Run(converted, ("x", values, shape))["y"]);

        var graph = new GraphBuilder(converted.Graph, RuntimeTypes.Infer(converted));
        var y = graph.Value("y");
        var loss = (y * y).SumAll();
        graph.AddOutput(new Differentiator(graph, GradientRegistry.Default, GradientCase.Opset).Differentiate(loss, ["x"])["x"], "dx");
        using var session = CaseSession.Open(converted, feeds, optimize: true);
        double[] gradient = session.Run()["dx"].Numbers;

        using var forward = CaseSession.Open(model, feeds, optimize: false);
        var differences = new double[values.Length];
        for (int index = 0; index < values.Length; index++)
        {
            const float step = 1f / 512;
            float before = values[index];
            values[index] = before + step;
            double high = Squares(forward);
            values[index] = before - step;
            differences[index] = (high - Squares(forward)) / (2 * step);
            values[index] = before;
        }

        GradientCheck.AssertClose(differences, gradient, 2e-3, model.Graph.Node[0].OpType);
    }

    private static double Squares(CaseSession session) => session.Run()["y"].Numbers.Sum(static value => value * value);
}
