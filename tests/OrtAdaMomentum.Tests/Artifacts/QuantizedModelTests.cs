using Google.Protobuf;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Artifacts;

/// <summary>Fine-tuning models that a quantiser has been over: only what is still floating point trains, and the quantisation stays.</summary>
public class QuantizedModelTests
{
    private const ElementType Float = ElementType.Float;
    private static readonly int[] FirstEight = [0, 1, 2, 3, 4, 5, 6, 7];

    [Fact]
    public void The_floating_point_parameters_of_a_QDQ_network_train_and_the_export_keeps_the_quantisation()
    {
        var artifacts = ArtifactGenerator.Generate(Network());
        Assert.Equal(
            ["conv.bias", "head.weight", "head.bias"], artifacts.Manifest.Parameters.Where(static item => item.Trainable).Select(static item => item.Name));
        Assert.Contains(artifacts.Manifest.Notes, static note => note.Contains("integers and stay as they are: conv.weight", StringComparison.Ordinal));

        using var session = new FineTuningSession(artifacts, new FineTuningOptions { LearningRate = 2e-2 });
        var (before, after) = Train(session, Images(8), 60);
        Assert.True(after < before / 2, $"loss went from {before} to {after}");

        var exported = session.ExportModel();
        Assert.Equal(Network().OperatorCounts.OrderBy(static pair => pair.Key), exported.OperatorCounts.OrderBy(static pair => pair.Key));
        foreach (var tensor in Network().Proto.Graph.Initializer)
        {
            var now = exported.Proto.Graph.Initializer.Single(item => item.Name == tensor.Name);
            bool trained = artifacts.Manifest.Parameters.Any(item => item.Trainable && item.Name == tensor.Name);
            Assert.Equal(!trained, tensor.Equals(now));
        }
    }

    [Fact]
    public void The_loss_is_attached_before_a_final_activation_that_is_quantised()
    {
        var report = ArtifactGenerator.Inspect(Network());
        Assert.Equal(FinalActivation.Softmax, report.FinalActivation);
        Assert.Equal(GradientSupport.Rule, report.Operators.Single(static item => item.Name == "QuantizeLinear").Support);
    }

    [Fact]
    public void Scales_of_integer_weights_train_where_no_bias_is_an_integer()
    {
        Assert.Contains(Artifacts(integerBias: false).Manifest.Parameters, static item => item.Name == "scale" && item.Trainable);
        Assert.DoesNotContain(Artifacts(integerBias: true).Manifest.Parameters, static item => item.Name == "scale");

        using var session = new FineTuningSession(Artifacts(integerBias: false), new FineTuningOptions { LearningRate = 2e-2 });
        var (before, after) = Train(session, Rows(8), 40);
        Assert.True(after < before, $"loss went from {before} to {after}");
    }

    [Fact]
    public void Weights_of_four_bits_are_taken()
    {
        var weight = new TensorProto { Name = "weight", DataType = 22, Dims = { 4, 3 }, RawData = ByteString.CopyFrom(0x21, 0x43, 0xF5, 0x7E, 0x18, 0x93) };
        var model = new ModelBuilder().Input("x", new TensorType(Float, [Dimension.Named("batch"), 4]))
            .Initializer(weight).Initializer("scale", [0.1f, 0.2f, 0.1f, 0.3f, 0.1f, 0.2f], 2, 3).Initializer("bias", OrtRun.Random(3, 9), 3)
            .Node("DequantizeLinear", ["weight", "scale"], ["w"], ("axis", 0L), ("block_size", 2L))
            .Node("MatMul", ["x", "w"], ["m"]).Node("Add", ["m", "bias"], ["y"]).Output("y").Build();
        var artifacts = ArtifactGenerator.Generate(new OnnxModel(model, "four.onnx"));
        Assert.Equal(["scale", "bias"], artifacts.Manifest.Parameters.Where(static item => item.Trainable).Select(static item => item.Name));
        using var session = new FineTuningSession(artifacts, new FineTuningOptions { LearningRate = 2e-2 });
        var (before, after) = Train(session, Rows(8), 40);
        Assert.True(after < before, $"loss went from {before} to {after}");
    }

    [Theory]
    [InlineData("static")]
    [InlineData("dynamic")]
    public void A_floating_point_head_behind_an_integer_backbone_trains(string quantisation)
    {
        var artifacts = ArtifactGenerator.Generate(Backbone(quantisation, floatsBefore: false));
        using var session = new FineTuningSession(artifacts, new FineTuningOptions { LearningRate = 5e-2 });
        var (before, after) = Train(session, Rows(8), 60);
        Assert.True(after < before * 0.8, $"loss went from {before} to {after}");
    }

    [Theory]
    [InlineData("static", "QLinearMatMul")]
    [InlineData("dynamic", "DynamicQuantizeLinear")]
    public void A_parameter_before_an_integer_backbone_is_refused_and_the_head_can_be_chosen(string quantisation, string operatorType)
    {
        var model = Backbone(quantisation, floatsBefore: true);
        var error = Assert.Throws<UnsupportedOperatorException>(() => ArtifactGenerator.Generate(model));
        Assert.Contains(error.Nodes, node => node.OperatorType == operatorType && node.Reason.Contains("integers", StringComparison.Ordinal));

        var report = ArtifactGenerator.Inspect(model);
        Assert.False(report.CanTrain);
        Assert.Equal(GradientSupport.Integers, report.Operators.Single(item => item.Name == operatorType).Support);
        Assert.True(ArtifactGenerator.Inspect(model, new ArtifactOptions { Trainable = TrainableSelection.Matching("head.*") }).CanTrain);
    }

    /// <summary>A convolution with integer weights, a layer whose weight is a float that is quantised on the way, a quantised output.</summary>
    private static OnnxModel Network()
    {
        var random = new Random(4);
        var builder = new ModelBuilder(13)
            .Input("x", new TensorType(Float, [Dimension.Named("batch"), 1, 4, 4]))
            .Initializer(Bytes("conv.weight", _ => random.Next(-127, 128), 4, 1, 3, 3))
            .Initializer("conv.weight_scale", [0.004f, 0.005f, 0.006f, 0.003f], 4)
            .Initializer(TensorData.Create("conv.weight_zero", ElementType.Int8, new double[4], 4))
            .Initializer(TensorData.Create("conv.bias_integer", ElementType.Int32, [5, -3, 2, 0], 4))
            .Initializer("conv.bias_scale", [0.0002f, 0.0002f, 0.0002f, 0.0002f], 4)
            .Initializer("conv.bias", OrtRun.Random(4, 5), 1, 4, 1, 1)
            .Initializer("head.weight", OrtRun.Random(4 * 4 * 3, 6), 16, 3)
            .Initializer("head.bias", OrtRun.Random(3, 7), 3)
            .Initializer("flat", [0L, -1L], 2);
        foreach (var (name, scale, zero) in new[] { ("x", 0.02f, 128), ("h", 0.02f, 0), ("p", 1f / 256, 0) })
            builder.Initializer(TensorData.Scalar(name + "_scale", scale)).Initializer(TensorData.Create(name + "_zero", ElementType.UInt8, [zero], []));
        builder.Initializer(TensorData.Scalar("w_scale", 0.01f)).Initializer(TensorData.Create("w_zero", ElementType.Int8, [0], []));
        Pair(builder, "x", "x")
            .Node("DequantizeLinear", ["conv.weight", "conv.weight_scale", "conv.weight_zero"], ["w"], ("axis", 0L))
            .Node("DequantizeLinear", ["conv.bias_integer", "conv.bias_scale"], ["b"], ("axis", 0L))
            .Node("Conv", ["x_d", "w", "b"], ["c"], ("pads", new[] { 1L, 1L, 1L, 1L }), ("strides", new[] { 2L, 2L }))
            .Node("Add", ["c", "conv.bias"], ["a"]).Node("Relu", ["a"], ["r"]);
        Pair(builder, "r", "h").Node("Reshape", ["r_d", "flat"], ["f"]);
        Pair(builder, "head.weight", "w")
            .Node("MatMul", ["f", "head.weight_d"], ["m"]).Node("Add", ["m", "head.bias"], ["z"]).Node("Softmax", ["z"], ["s"], ("axis", -1L));
        return new OnnxModel(
            Pair(builder, "s", "p").Output("s_d", new TensorType(Float, [Dimension.Named("batch"), 3])).Build(),
            "qdq.onnx");
    }

    /// <summary>A linear layer whose weight is of integers with a scale per column.</summary>
    private static TrainingArtifacts Artifacts(bool integerBias)
    {
        var builder = new ModelBuilder(13).Input("x", new TensorType(Float, [Dimension.Named("batch"), 4]))
            .Initializer(Bytes("weight", static index => index * 37 % 200 - 100, 4, 3))
            .Initializer("scale", [0.01f, 0.02f, 0.01f], 3).Initializer("bias", OrtRun.Random(3, 9), 3)
            .Initializer(TensorData.Create("offset", ElementType.Int32, [5, 7, -9], 3)).Initializer(TensorData.Scalar("step", 0.001f))
            .Node("DequantizeLinear", ["weight", "scale"], ["w"], ("axis", 1L)).Node("MatMul", ["x", "w"], ["m"]).Node("Add", ["m", "bias"], ["y"]);
        if (integerBias)
            builder.Node("DequantizeLinear", ["offset", "step"], ["o"]).Node("Add", ["y", "o"], ["out"]).Output("out");
        else
            builder.Output("y");
        return ArtifactGenerator.Generate(new OnnxModel(builder.Build(), "weights.onnx"));
    }

    /// <summary>A layer in integers before a linear head, after a scaling of the input or without one.</summary>
    private static OnnxModel Backbone(string quantisation, bool floatsBefore)
    {
        var builder = new ModelBuilder(13).Input("x", new TensorType(Float, [Dimension.Named("batch"), 4]))
            .Initializer("before", [1f, 2f, 1f, 0.5f], 4)
            .Initializer(Bytes("w", static index => index * 53 % 200 - 100, 4, 8))
            .Initializer("head.weight", OrtRun.Random(24, 6), 8, 3).Initializer("head.bias", OrtRun.Random(3, 7), 3)
            .Initializer(TensorData.Scalar("x_scale", 0.02f)).Initializer(TensorData.Create("x_zero", ElementType.UInt8, [100], []))
            .Initializer(TensorData.Scalar("w_scale", 0.01f)).Initializer(TensorData.Create("w_zero", ElementType.Int8, [0], []))
            .Initializer(TensorData.Scalar("h_scale", 0.03f)).Initializer(TensorData.Create("h_zero", ElementType.UInt8, [120], []));
        if (floatsBefore)
            builder.Node("Mul", ["x", "before"], ["start"]);
        else
            builder.Node("Neg", ["x"], ["start"]);
        if (quantisation == "static")
        {
            builder.Node("QuantizeLinear", ["start", "x_scale", "x_zero"], ["q"])
                .Node("QLinearMatMul", ["q", "x_scale", "x_zero", "w", "w_scale", "w_zero", "h_scale", "h_zero"], ["i"])
                .Node("DequantizeLinear", ["i", "h_scale", "h_zero"], ["h"]);
        }
        else
        {
            builder.Node("DynamicQuantizeLinear", ["start"], ["q", "scale", "zero"]).Node("MatMulInteger", ["q", "w", "zero"], ["i"])
                .Node("Cast", ["i"], ["c"], ("to", (long)Float)).Node("Mul", ["scale", "w_scale"], ["factor"]).Node("Mul", ["c", "factor"], ["h"]);
        }

        return new OnnxModel(
            builder.Node("Relu", ["h"], ["r"]).Node("Gemm", ["r", "head.weight", "head.bias"], ["y"]).Output("y").Build(), "backbone.onnx");
    }

    private static TensorProto Bytes(string name, Func<int, double> element, params long[] shape) =>
        TensorData.Create(name, ElementType.Int8, [.. Enumerable.Range(0, (int)TensorData.ElementCount(shape, name)).Select(element)], shape);

    private static ModelBuilder Pair(ModelBuilder builder, string value, string scale) => builder
        .Node("QuantizeLinear", [value, scale + "_scale", scale + "_zero"], [value + "_q"])
        .Node("DequantizeLinear", [value + "_q", scale + "_scale", scale + "_zero"], [value + "_d"]);

    private static (float Before, float After) Train(FineTuningSession session, TensorDataset data, int steps)
    {
        using var batch = session.CreateBatch(8);
        batch.Fill(data, FirstEight);
        float before = session.TrainStep(batch);
        session.OptimizerStep();
        for (int step = 0; step < steps; step++)
        {
            session.TrainStep(batch);
            session.OptimizerStep();
        }

        return (before, session.EvalStep(batch).Loss);
    }

    private static TensorDataset Images(int count) => Labelled(count, 16, [1, 4, 4]);

    private static TensorDataset Rows(int count) => Labelled(count, 4, [4]);

    private static TensorDataset Labelled(int count, int features, long[] shape) => new TensorDataset(count)
        .Add("x", OrtRun.Random(count * features, 8), shape)
        .Add("labels", [.. Enumerable.Range(0, count).Select(static index => (long)(index % 3))]);
}
