using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>
/// Gradients through quantised values against the definition of straight-through estimation, which is also that of PyTorch's fake
/// quantisation with learned scales: Σ g (q - z - x / s) inside the range, Σ g (q - z) outside.
/// </summary>
public class QuantizationGradients
{
    private const ElementType Float = ElementType.Float;

    public static TheoryData<string, ElementType, bool> Pairs()
    {
        var data = new TheoryData<string, ElementType, bool>();
        foreach (string layout in new[] { "one scale", "a list of one", "axis 1", "axis -2", "blocks of 2" })
        {
            foreach (var type in new[] { ElementType.Int8, ElementType.UInt8, ElementType.Int16, ElementType.UInt16 })
            {
                data.Add(layout, type, false);
                data.Add(layout, type, true);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_pair_passes_the_gradient_inside_the_range_and_learns_its_scale(string layout, ElementType type, bool learnsScale)
    {
        long[] shape = [2, 5];
        var (scaleShape, attributes) = layout switch
        {
            "one scale" => (Array.Empty<long>(), Array.Empty<(string, object)>()),
            "a list of one" => ([1L], []),
            "axis 1" => ([5L], [("axis", 1L)]),
            "axis -2" => ([2L], [("axis", -2L)]),
            _ => (new[] { 2L, 3L }, [("axis", 1L), ("block_size", 2L)]),
        };
        int scales = (int)scaleShape.Aggregate(1L, static (product, extent) => product * extent);
        double[] scale = [.. Enumerable.Range(0, scales).Select(static index => 0.5 + 0.25 * index)];
        double[] zero = [.. Enumerable.Range(0, scales).Select(static index => (double)(3 + index))];
        int ScaleOf(int element) => layout switch
        {
            "axis 1" => element % 5,
            "axis -2" => element / 5,
            "blocks of 2" => element / 5 * 3 + element % 5 / 2,
            _ => 0,
        };
        var (least, greatest) = Range(type);
        double[] x = [.. Enumerable.Range(0, 10).Select(element =>
        {
            // From a fifth below the range to a fifth above, never half-way between two integers.
            double integer = Math.Floor(least + (greatest - least) * (element * 7 % 10 * 1.4 / 9 - 0.2)) + 0.25;
            return (integer - zero[ScaleOf(element)]) * scale[ScaleOf(element)];
        })];
        double[] weight = [.. Enumerable.Range(1, 10).Select(static index => index % 3 - 1.5 + index / 8.0)];

        double[] expected = new double[10], expectedScale = new double[scales];
        for (int element = 0; element < 10; element++)
        {
            int place = ScaleOf(element);
            double rounded = Math.Round(x[element] / scale[place]) + zero[place];
            bool inside = rounded >= least && rounded <= greatest;
            expected[element] = inside ? weight[element] : 0;
            expectedScale[place] += weight[element] * (Math.Clamp(rounded, least, greatest) - zero[place] - (inside ? x[element] / scale[place] : 0));
        }

        Assert.Contains(0, expected);
        foreach (var knowledge in Enum.GetValues<ShapeKnowledge>())
        {
            var builder = new ModelBuilder().Input("x", new TensorType(Float, CaseModel.Dimensions(shape, "x", knowledge)))
                .Input("weight", new TensorType(Float, CaseModel.Dimensions(shape, "weight", knowledge)))
                .Initializer(TensorData.Create("zero", type, zero, scaleShape));
            if (learnsScale)
                builder.Input("scale", new TensorType(Float, CaseModel.Dimensions(scaleShape, "scale", knowledge)));
            else
                builder.Initializer(TensorData.Create("scale", Float, scale, scaleShape));
            var model = builder.Node("QuantizeLinear", ["x", "scale", "zero"], ["q"], attributes)
                .Node("DequantizeLinear", ["q", "scale", "zero"], ["d"], attributes)
                .Node("Mul", ["d", "weight"], ["y"]).Build();
            var gradients = Differentiate(
                model, learnsScale ? ["x", "scale"] : ["x"], ("x", x, shape), ("scale", scale, scaleShape), ("weight", weight, shape));
            Close(expected, gradients["x"]);
            if (learnsScale)
                Close(expectedScale, gradients["scale"]);
        }
    }

    [Fact]
    public void A_pair_of_one_scale_neither_multiplies_nor_divides()
    {
        var model = new ModelBuilder().Input("x", Float, 4).Initializer(TensorData.Scalar("scale", 0.5f))
            .Node("QuantizeLinear", ["x", "scale"], ["q"], ("output_dtype", (long)ElementType.Int8)).Node("DequantizeLinear", ["q", "scale"], ["d"])
            .Node("Exp", ["d"], ["y"]).Build();
        Differentiate(model, ["x"], ("x", [-100, -1, 1, 100], [4]));
        Assert.DoesNotContain(model.Graph.Node, static node => node.OpType is "Mul" or "Div" && node.Input.Contains("scale"));
        Assert.Equal(1, model.Graph.Node.Count(static node => node.OpType == "Clip"));
    }

    [Fact]
    public void The_gradient_passes_what_moves_integers()
    {
        var model = new ModelBuilder().Input("x", Float, 2, 3).Input("weight", Float, 4)
            .Initializer("shape", [6L], 1).Initializer("picked", [0L, 0L, 5L, 3L], 4)
            .Initializer(TensorData.Scalar("scale", 0.5f)).Initializer(TensorData.Create("zero", ElementType.UInt8, [10], []))
            .Node("QuantizeLinear", ["x", "scale", "zero"], ["q"]).Node("Transpose", ["q"], ["t"]).Node("Reshape", ["t", "shape"], ["r"])
            .Node("Gather", ["r", "picked"], ["g"]).Node("DequantizeLinear", ["g", "scale", "zero"], ["d"]).Node("Mul", ["d", "weight"], ["y"]).Build();
        // Transposed and flattened: 1, 4, 2, 500, 3, 6.
        var gradients = Differentiate(model, ["x"], ("x", [1, 2, 3, 4, 500, 6], [2, 3]), ("weight", [1, 2, 4, 8], [4]));
        Close([3, 0, 0, 0, 0, 4], gradients["x"]);
    }

    [Fact]
    public void Integers_of_different_scales_may_be_joined()
    {
        var model = new ModelBuilder().Input("a", Float, 2).Input("b", Float, 2).Input("weight", Float, 4)
            .Initializer(TensorData.Scalar("half", 0.5f)).Initializer(TensorData.Scalar("two", 2f)).Initializer(TensorData.Scalar("one", 1f))
            .Node("QuantizeLinear", ["a", "half"], ["qa"]).Node("QuantizeLinear", ["b", "two"], ["qb"])
            .Node("Concat", ["qa", "qb"], ["q"], ("axis", 0L)).Node("DequantizeLinear", ["q", "one"], ["d"]).Node("Mul", ["d", "weight"], ["y"]).Build();
        var gradients = Differentiate(model, ["a", "b"], ("a", [1, -1], [2]), ("b", [3, 600], [2]), ("weight", [1, 2, 4, 8], [4]));
        Close([2, 0], gradients["a"]);
        Close([2, 0], gradients["b"]);
    }

    [Fact]
    public void A_maximum_of_integers_passes_the_gradient_to_where_it_was_taken()
    {
        var model = new ModelBuilder().Input("x", Float, 1, 1, 2, 2).Initializer(TensorData.Scalar("scale", 0.5f))
            .Node("QuantizeLinear", ["x", "scale"], ["q"]).Node("MaxPool", ["q"], ["m"], ("kernel_shape", new[] { 2L, 2L }))
            .Node("DequantizeLinear", ["m", "scale"], ["y"]).Build();
        Close([0, 0, 1, 0], Differentiate(model, ["x"], ("x", [1, 2, 9, 4], [1, 1, 2, 2]))["x"]);
    }

    [Fact]
    public void An_integer_may_be_read_several_times_and_by_hand()
    {
        var model = new ModelBuilder().Input("x", Float, 3).Initializer(TensorData.Scalar("scale", 0.5f))
            .Node("QuantizeLinear", ["x", "scale"], ["q"]).Node("DequantizeLinear", ["q", "scale"], ["d"]).Node("DequantizeLinear", ["q", "scale"], ["e"])
            .Node("Exp", ["e"], ["f"]).Node("Cast", ["q"], ["c"], ("to", (long)Float)).Node("Sum", ["d", "f", "c"], ["y"]).Build();
        // The cast gives x / scale.
        Close([1 + 1 + 2, 1 + Math.E + 2, 0], Differentiate(model, ["x"], ("x", [0, 1, -3], [3]))["x"]);
    }

    [Fact]
    public void What_computes_in_integers_is_reported_when_a_gradient_would_have_to_pass()
    {
        var model = new ModelBuilder().Input("x", Float, 2, 3).Initializer(TensorData.Create("w", ElementType.Int8, [1, 2, 3], [3, 1]))
            .Node("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero"]).Node("MatMulInteger", ["q", "w", "zero"], ["i"])
            .Node("Cast", ["i"], ["c"], ("to", (long)Float)).Node("Mul", ["c", "scale"], ["y"]).Build();
        var error = Assert.Throws<UnsupportedOperatorException>(() => Differentiate(model, ["x"], ("x", new double[6], [2, 3])));
        Assert.Equal(["DynamicQuantizeLinear", "MatMulInteger"], error.Nodes.Select(static node => node.OperatorType));
        Assert.Contains("computes in integers", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arithmetic_on_quantised_values_is_reported()
    {
        var model = new ModelBuilder().Input("x", Float, 3).Initializer(TensorData.Scalar("scale", 0.5f))
            .Node("QuantizeLinear", ["x", "scale"], ["q"], ("output_dtype", (long)ElementType.Int8)).Node("Relu", ["q"], ["r"])
            .Node("DequantizeLinear", ["r", "scale"], ["y"]).Build();
        var error = Assert.Throws<UnsupportedOperatorException>(() => Differentiate(model, ["x"], ("x", new double[3], [3])));
        Assert.Equal("Relu", Assert.Single(error.Nodes).OperatorType);
        Assert.Contains("works on quantised values", error.Message, StringComparison.Ordinal);
    }

    private static (double Least, double Greatest) Range(ElementType type) => type switch
    {
        ElementType.Int8 => (-128, 127),
        ElementType.UInt8 => (0, 255),
        ElementType.Int16 => (-32768, 32767),
        _ => (0, 65535),
    };

    /// <summary>The gradients of the sum of <c>y</c>, run optimised.</summary>
    private static Dictionary<string, double[]> Differentiate(ModelProto model, string[] targets, params (string Name, double[] Values, long[] Shape)[] inputs)
    {
        var builder = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var loss = builder.Value("y").SumAll();
        var gradients = new Differentiator(builder, GradientRegistry.Default, 21).Differentiate(loss, targets);
        foreach (var (target, gradient) in gradients)
            builder.AddOutput(gradient, "d" + target, new TensorType(gradient.ElementType, null));
        UnusedNodes.Remove(model.Graph);
        TypeClaims.Verify(model, builder);
        var feeds = inputs.Where(input => model.Graph.Input.Any(item => item.Name == input.Name))
            .ToDictionary(static input => input.Name, static input => (CaseValues.ToArray(input.Values, Float), input.Shape));
        using var session = CaseSession.Open(model, feeds, optimize: true);
        return session.Run().ToDictionary(static pair => pair.Key[1..], static pair => pair.Value.Numbers);
    }

    private static void Close(double[] expected, double[] actual) =>
        Assert.Equal(expected, actual, static (left, right) => Math.Abs(left - right) <= 1e-3 * Math.Max(1, Math.Abs(left)));
}
