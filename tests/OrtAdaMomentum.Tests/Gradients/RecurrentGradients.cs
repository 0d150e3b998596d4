using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>Recurrent layers in graphs.</summary>
public class RecurrentGradients
{
    private const int Input = 3, Hidden = 4;

    [Fact]
    public void The_size_of_the_graph_does_not_depend_on_the_length_of_the_sequence()
    {
        int[] counts = [.. new[] { 2, 20, 200 }.Select(time => Count(Differentiate(TwoLayers("LSTM", 4, Dimension.Of(time)), "r0", "w1").Graph))];
        Assert.Equal(counts[0], counts[1]);
        Assert.Equal(counts[0], counts[2]);
    }

    [Theory]
    [InlineData("LSTM", 4)]
    [InlineData("GRU", 3)]
    [InlineData("RNN", 1)]
    public void Stacked_layers_over_a_sequence_of_unknown_length_have_the_right_gradient(string operatorType, int gates)
    {
        ModelProto model = TwoLayers(operatorType, gates, Dimension.Named("time"));
        ModelProto written = Differentiate(model, "r0", "w1");
        const int time = 200, batch = 2;
        (string, Array, long[]) feed = ("x", OrtRun.Random(time * batch * Input, 5), [time, batch, Input]);
        float[] gradient = OrtRun.Run(written, feed)["gradient of r0"].Floats;

        // Along the gradient itself the loss changes by its squared length.
        double length = Math.Sqrt(gradient.Sum(static value => (double)value * value));
        const double step = 2e-2;
        double difference = (LossAt(step) - LossAt(-step)) / (2 * step);
        Assert.Equal(length, difference, length * 1e-2);

        double LossAt(double distance)
        {
            ModelProto moved = model.Clone();
            TensorProto weight = moved.Graph.Initializer.Single(static tensor => tensor.Name == "r0");
            float[] values = [.. TensorData.ToFloats(weight).Zip(gradient, (value, slope) => (float)(value + distance * slope / length))];
            moved.Graph.Initializer.Remove(weight);
            moved.Graph.Initializer.Add(TensorData.Create("r0", values, [.. weight.Dims]));
            return OrtRun.Run(moved, feed)["last"].Floats.Sum(static value => (double)value);
        }
    }

    [Fact]
    public void A_sequence_that_the_model_does_not_declare_is_declared()
    {
        var model = new ModelBuilder().Input("x", ElementType.Float, 3, 2, Input).Input("w", ElementType.Float, 1, Hidden, Input)
            .Initializer("r", OrtRun.Random(Hidden * Hidden), 1, Hidden, Hidden)
            .Node("RNN", ["x", "w", "r"], ["", "last"], ("hidden_size", (long)Hidden)).Output("last").Build();
        var written = Differentiate(model, "w");
        var outputs = OrtRun.Run(written, ("x", OrtRun.Random(18), [3, 2, Input]), ("w", OrtRun.Random(Hidden * Input), [1, Hidden, Input]));
        Assert.Equal([1, Hidden, Input], outputs["gradient of w"].Shape);
        Assert.Contains(outputs["gradient of w"].Floats, static value => value != 0);
    }

    [Fact]
    public void An_activation_that_is_not_known_is_named()
    {
        var model = new ModelBuilder().Input("x", ElementType.Float, 3, 2, Input).Input("w", ElementType.Float, 1, Hidden, Input)
            .Input("r", ElementType.Float, 1, Hidden, Hidden).Node("RNN", ["x", "w", "r"], ["", "last"], ("hidden_size", (long)Hidden)).Build();
        var graph = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        model.Graph.Node[0].Attribute.Add(ModelBuilder.MakeAttribute("activations", new[] { "Sine" }));
        var loss = graph.Value("last").SumAll();
        var error = Assert.Throws<UnsupportedOperatorException>(
            () => new Differentiator(graph, GradientRegistry.Default, GradientCase.Opset).Differentiate(loss, ["w"]));
        Assert.Contains("'Sine'", error.Message, StringComparison.Ordinal);
    }

    private static ModelProto TwoLayers(string operatorType, int gates, Dimension time)
    {
        var model = new ModelBuilder().Input("x", new TensorType(ElementType.Float, [time, Dimension.Named("batch"), Input]))
            .Initializer("joined", [0L, 0, 2 * Hidden], 3);
        string sequence = "x";
        for (int layer = 0; layer < 2; layer++)
        {
            int width = layer == 0 ? Input : 2 * Hidden;
            model.Initializer($"w{layer}", Weights(2 * gates * Hidden * width, layer), 2, gates * Hidden, width)
                .Initializer($"r{layer}", Weights(2 * gates * Hidden * Hidden, 2 + layer), 2, gates * Hidden, Hidden)
                .Node(operatorType, [sequence, $"w{layer}", $"r{layer}"], [$"y{layer}", $"last{layer}"],
                    ("hidden_size", (long)Hidden), ("direction", "bidirectional"))
                .Node("Transpose", [$"y{layer}"], [$"t{layer}"], ("perm", new long[] { 0, 2, 1, 3 }))
                .Node("Reshape", [$"t{layer}", "joined"], [$"s{layer}"]);
            sequence = $"s{layer}";
        }

        return model.Node("Identity", ["last1"], ["last"]).Output("last").Build();
    }

    private static float[] Weights(int count, int seed) => Array.ConvertAll(OrtRun.Random(count, seed + 1), static value => 0.7f * value);

    private static ModelProto Differentiate(ModelProto model, params string[] targets)
    {
        model = model.Clone();
        var graph = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var loss = graph.Value("last").SumAll();
        var gradients = new Differentiator(graph, GradientRegistry.Default, GradientCase.Opset).Differentiate(loss, targets);
        model.Graph.Output.Clear();
        foreach (string target in targets)
            graph.AddOutput(gradients[target], $"gradient of {target}");
        UnusedNodes.Remove(model.Graph);
        return model;
    }

    private static int Count(GraphProto graph) => graph.Node.Sum(static node => 1 + SubGraphs.Of(node).Sum(Count));
}
