using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>Whole small models: the gradient of every parameter against differences of the loss.</summary>
public class ComposedGradients
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Perceptron_gradients_equal_differences(bool fixedBatch)
    {
        var model = new Sketch(ElementType.Double, seed: 1)
            .Data("x", fixedBatch ? 3 : "batch", [3, 4])
            .Node("Gemm", "h1", ["x", "w1:5,4", "b1:5"], ("transB", 1L)).Node("Relu", "a1", ["h1"])
            .Node("MatMul", "h2", ["a1", "w2:5,3"]).Node("Add", "s2", ["h2", "b2:3"]).Node("Sigmoid", "a2", ["s2"])
            .Node("Gemm", "h3", ["a2", "w3:3,4", "b3:4"], ("alpha", 1.5f)).Node("Softmax", "y", ["h3"]);
        model.CheckParameters("y", 1e-6);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Convolutional_network_gradients_equal_differences(bool fixedBatch)
    {
        // Few windows of max pooling, and values for which no difference straddles a tie of two elements.
        var model = new Sketch(ElementType.Float, seed: 4)
            .Data("x", fixedBatch ? 2 : "batch", [2, 1, 6, 6])
            .Node("Conv", "c1", ["x", "w1:2,1,3,3", "b1:2"], ("pads", new long[] { 1, 1, 1, 1 }))
            .Node("Softplus", "t1", ["c1"])
            .Node("MaxPool", "p1", ["t1"], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }))
            .Node("Conv", "c2", ["p1", "w2:2,1,3,3"], ("pads", new long[] { 1, 1, 1, 1 }), ("group", 2L))
            .Node("Conv", "c3", ["c2", "w3:4,2,2,2", "b3:4"], ("strides", new long[] { 1, 2 }))
            .Node("Sigmoid", "t3", ["c3"])
            .Node("AveragePool", "p3", ["t3"], ("kernel_shape", new long[] { 2, 1 }))
            .Node("Flatten", "f", ["p3"])
            .Node("Gemm", "h4", ["f", "w4:5,4", "b4:5"], ("transB", 1L)).Node("Tanh", "t4", ["h4"])
            .Node("Gemm", "h5", ["t4", "w5:3,5", "b5:3"], ("transB", 1L)).Node("LogSoftmax", "y", ["h5"]);
        model.CheckParameters("y", 2e-3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Encoder_with_decoder_gradients_equal_differences(int seed)
    {
        // The decoder puts elements back to where the encoder took them from. No difference straddles a tie of two elements.
        var model = new Sketch(ElementType.Float, seed)
            .Data("x", "batch", [2, 1, 4, 4])
            .Node("Conv", "c1", ["x", "w1:2,1,3,3"], ("auto_pad", "SAME_UPPER"))
            .Node("InstanceNormalization", "n1", ["c1", "g1:2", "a1:2"])
            .Node("MaxPool", "p1 taken", ["n1"], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }))
            .Node("Conv", "c2", ["p1", "w2:4,2,1,1"])
            .Node("GroupNormalization", "n2", ["c2", "g2:4", "a2:4"], ("num_groups", 2L))
            .Node("Conv", "c3", ["n2", "w3:2,4,1,1"])
            .Node("MaxUnpool", "u3", ["c3", "taken"], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }))
            .Node("Conv", "c4", ["u3", "w4:1,2,3,3", "b4:1"], ("pads", new long[] { 1, 1, 1, 1 }))
            .Integers("row", -1, 16).Node("Reshape", "y", ["c4", "row"]);
        model.CheckParameters("y", 2e-3);
    }

    [Theory]
    [InlineData(true, "tanh")]
    [InlineData(false, "tanh")]
    [InlineData(false, "none")]
    public void Transformer_block_gradients_equal_differences(bool fixedBatch, string gelu)
    {
        // The exact form needs the error function, which ONNX Runtime has in single precision only.
        bool exact = gelu == "none";
        var model = new Sketch(exact ? ElementType.Float : ElementType.Double, seed: 3)
            .Data("x", fixedBatch ? 2 : "batch", [2, 3, 4])
            .Integers("heads", 0, 0, 2, 2).Integers("joined", 0, 0, 4).Constant("scale", 0.5)
            .Node("LayerNormalization", "n1", ["x", "g1:4", "a1:4"])
            .Linear("q", "n1", 4, 4).Linear("k", "n1", 4, 4).Linear("v", "n1", 4, 4)
            .Node("Reshape", "q4", ["q", "heads"]).Node("Transpose", "qh", ["q4"], ("perm", new long[] { 0, 2, 1, 3 }))
            .Node("Reshape", "k4", ["k", "heads"]).Node("Transpose", "kh", ["k4"], ("perm", new long[] { 0, 2, 3, 1 }))
            .Node("Reshape", "v4", ["v", "heads"]).Node("Transpose", "vh", ["v4"], ("perm", new long[] { 0, 2, 1, 3 }))
            .Node("MatMul", "s", ["qh", "kh"]).Node("Mul", "ss", ["s", "scale"]).Node("Softmax", "p", ["ss"])
            .Node("MatMul", "c", ["p", "vh"]).Node("Transpose", "ct", ["c"], ("perm", new long[] { 0, 2, 1, 3 })).Node("Reshape", "cj", ["ct", "joined"])
            .Linear("o", "cj", 4, 4).Node("Add", "r1", ["x", "o"])
            .Node("LayerNormalization", "n2", ["r1", "g2:4", "a2:4"])
            .Linear("f1", "n2", 4, 6).Node("Gelu", "f2", ["f1"], ("approximate", gelu)).Linear("f3", "f2", 6, 4)
            .Node("Add", "y", ["r1", "f3"]);
        model.CheckParameters("y", exact ? 2e-3 : 1e-6);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gradients_of_parameters_that_a_Scan_reads_from_around_it_equal_differences(bool fixedLength)
    {
        // One weight is read from inside two graphs and outside of them.
        var inner = Body(["e"], ["f"], ModelBuilder.MakeNode("", "Mul", ["e", "gain"], ["f"]));
        var body = Body(
            ["h", "x"], ["next", "out"],
            ModelBuilder.MakeNode("", "Gemm", ["x", "w", "b"], ["xw"]),
            ModelBuilder.MakeNode("", "MatMul", ["h", "turned"], ["hr"]),
            ModelBuilder.MakeNode("", "Add", ["xw", "hr"], ["sum"]),
            ModelBuilder.MakeNode("", "Scan", ["sum"], ["scaled"], ("body", inner), ("num_scan_inputs", 1L)),
            ModelBuilder.MakeNode("", "Tanh", ["scaled"], ["next"]),
            ModelBuilder.MakeNode("", "Mul", ["next", "gain"], ["out"]));
        var model = new Sketch(ElementType.Double, seed: 5)
            .Data("x", fixedLength ? 4 : "time", [4, 2, 3])
            .Parameters("w:3,3", "b:3", "gain:3", "h0:2,3")
            .Node("Transpose", "turned", ["r:3,3"])
            .Nodes("Scan", ["last", "all"], ["h0", "x"], ("body", body), ("num_scan_inputs", 1L))
            .Node("Mul", "product", ["last", "gain"]).Node("Add", "y", ["product", "all"]);
        model.CheckParameters("y", 1e-6);
    }

    private static GraphProto Body(string[] inputs, string[] outputs, params NodeProto[] nodes)
    {
        var graph = new GraphProto { Name = "body" };
        graph.Input.AddRange(inputs.Select(static name => new ValueInfoProto { Name = name }));
        graph.Output.AddRange(outputs.Select(static name => new ValueInfoProto { Name = name }));
        graph.Node.AddRange(nodes);
        return graph;
    }

    /// <summary>A model written down line by line. An input <c>name:2,3</c> is a parameter of that shape.</summary>
    private sealed class Sketch(ElementType precision, int seed)
    {
        private readonly ModelBuilder _builder = new();
        private readonly Random _random = new(seed);
        private readonly Dictionary<string, (Array Data, long[] Shape)> _feeds = [];
        private readonly List<string> _parameters = [];

        public Sketch Data(string name, object batch, long[] shape)
        {
            Dimension first = batch is string symbol ? Dimension.Named(symbol) : shape[0];
            _builder.Input(name, new TensorType(precision, [first, .. shape.Skip(1).Select(static extent => Dimension.Of(extent))]));
            Feed(name, shape);
            return this;
        }

        public Sketch Integers(string name, params long[] values)
        {
            _builder.Initializer(name, values, values.Length);
            return this;
        }

        public Sketch Constant(string name, double value)
        {
            _builder.Initializer(TensorData.Create(name, precision, [value], []));
            return this;
        }

        public Sketch Node(string operatorType, string output, string[] inputs, params (string Name, object Value)[] attributes)
        {
            _builder.Node(operatorType, [.. inputs.Select(Named)], output.Split(' '), attributes);
            return this;
        }

        public Sketch Nodes(string operatorType, string[] outputs, string[] inputs, params (string Name, object Value)[] attributes)
        {
            _builder.Node(operatorType, [.. inputs.Select(Named)], outputs, attributes);
            return this;
        }

        public Sketch Parameters(params string[] parameters)
        {
            foreach (string parameter in parameters)
                Named(parameter);
            return this;
        }

        public Sketch Linear(string output, string input, int from, int to) =>
            Node("MatMul", $"{output}/product", [input, $"{output}/weight:{from},{to}"]).Node("Add", output, [$"{output}/product", $"{output}/bias:{to}"]);

        /// <summary>Compares the gradients of a loss that depends on every element of an output.</summary>
        public void CheckParameters(string output, double tolerance)
        {
            var model = _builder.Build();
            var builder = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
            var loss = WriteLoss(builder, builder.Value(output));
            builder.AddOutput(loss, "loss");
            using var forward = CaseSession.Open(model.Clone(), _feeds, optimize: false);

            var gradients = new Differentiator(builder, GradientRegistry.Default, GradientCase.Opset).Differentiate(loss, _parameters);
            Assert.Equal(_parameters.Order(), gradients.Keys.Order());
            foreach (var (parameter, gradient) in gradients)
                builder.AddOutput(gradient, "d:" + parameter, new TensorType(gradient.ElementType, null));
            UnusedNodes.Remove(model.Graph);
            TypeClaims.Verify(model, builder);
            using var session = CaseSession.Open(model, _feeds, optimize: true);
            var analytic = session.Run();

            foreach (string parameter in _parameters)
            {
                double[] expected = Differences(forward, _feeds[parameter].Data);
                Assert.Equal(_feeds[parameter].Shape, analytic["d:" + parameter].Shape);
                GradientCheck.AssertClose(expected, analytic["d:" + parameter].Numbers, tolerance, parameter);
            }
        }

        private SymbolicTensor WriteLoss(GraphBuilder builder, SymbolicTensor y)
        {
            // The last axis is fixed in every model here, so that factors along it need no shape of the batch.
            double[] factors = [.. Enumerable.Range(0, (int)y.Extent(-1)).Select(_ => 0.5 + _random.NextDouble())];
            return (y * y * builder.Numbers(factors, precision, factors.Length) + y).SumAll();
        }

        private double[] Differences(CaseSession forward, Array data)
        {
            double step = precision == ElementType.Double ? 1e-5 : 1.0 / 128;
            var result = new double[data.Length];
            for (int index = 0; index < result.Length; index++)
            {
                double before = Convert.ToDouble(data.GetValue(index), System.Globalization.CultureInfo.InvariantCulture);
                double At(int steps)
                {
                    Set(data, index, before + steps * step);
                    return forward.Run()["loss"].Numbers[0];
                }

                result[index] = (8 * (At(1) - At(-1)) - (At(2) - At(-2))) / (12 * step);
                Set(data, index, before);
            }

            return result;
        }

        private static void Set(Array data, int index, double value)
        {
            if (data is double[] doubles)
                doubles[index] = value;
            else
                ((float[])data)[index] = (float)value;
        }

        private string Named(string input)
        {
            if (input.Split(':') is not [var name, var shape])
                return input;
            long[] extents = [.. shape.Split(',').Select(long.Parse)];
            _builder.Input(name, precision, extents);
            Feed(name, extents);
            _parameters.Add(name);
            return name;
        }

        private void Feed(string name, long[] shape)
        {
            int count = (int)shape.Aggregate(1L, static (product, extent) => product * extent);
            double[] values = [.. Enumerable.Range(0, count).Select(_ => (double)(float)(_random.NextDouble() * 2 - 1))];
            _feeds[name] = (CaseValues.ToArray(values, precision), shape);
        }
    }
}
