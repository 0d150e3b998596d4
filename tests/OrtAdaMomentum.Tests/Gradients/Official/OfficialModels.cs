using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients.Official;

/// <summary>Operators of the training build that differentiate no single node: models of them, without inputs, whose outputs are single precision.</summary>
internal static class OfficialModels
{
    private const string Own = OnnxDomains.Microsoft;

    public static IReadOnlyList<(string Name, ModelProto Model)> All { get; } =
    [
        (FakeQuantization.Name, FakeQuantization.Model()),
        .. new[] { "mean", "sum" }.SelectMany(static reduction => new[]
        {
            ($"SoftmaxCrossEntropy of probabilities, {reduction}", OfProbabilities(reduction)),
            ($"SparseSoftmaxCrossEntropy of two axes, {reduction}", OfIndices(reduction, isWeighted: false, 5)),
            ($"SparseSoftmaxCrossEntropy of three axes, {reduction}", OfIndices(reduction, isWeighted: false, 2, 3)),
            ($"SparseSoftmaxCrossEntropy of three axes, weighted, {reduction}", OfIndices(reduction, isWeighted: true, 2, 3)),
        }),
        ("SoftmaxCrossEntropyLossInternal of a class to ignore", Ignoring()),
        ("ReduceSumTraining of broadcast axes", Broadcast()),
        ("SplitTraining of what was joined", Joined()),
        ("Scale up", Single("Scale", ["x", "s"], ["y"], ("scale_down", 0L))),
        ("Scale down", Single("Scale", ["x", "s"], ["y"], ("scale_down", 1L))),
        ("ZeroGradient of a gradient", Single("ZeroGradient", ["x", "reset"], ["y"])),
        ("ShrunkenGather along rows", Single("ShrunkenGather", ["x", "indices"], ["y"], ("axis", 0L))),
        ("ShrunkenGather along columns", Single("ShrunkenGather", ["x", "indices"], ["y"], ("axis", 1L))),
        ("ScaledSum of three", Single("ScaledSum", ["x", "x", "x"], ["y"], ("scale_0", 2f), ("scale_1", 0.5f), ("scale_2", -3f))),
        ("BatchScale by two", Single("BatchScale", ["x"], ["y", "z"], ("scale_0", 2f), ("scale_1", 0.5f))),
        ("FlattenAndUnpad of tokens", Tokens("FlattenAndUnpad")),
        ("PadAndUnflatten of tokens", Tokens("PadAndUnflatten")),
    ];

    /// <summary>The operator that a result is named after.</summary>
    public static string OperatorOf(string name) => name.Split(' ')[0];

    private static ModelBuilder Model() => new ModelBuilder(GradientCase.Opset).Opset(Own, 1);

    private static ModelProto Single(string name, string[] inputs, string[] outputs, params (string, object)[] attributes) =>
        Model().Initializer("x", OrtRun.Random(20, 1), 4, 5).Initializer("s", [1.5f], 1).Initializer("reset", [true], 1)
            .Initializer("indices", new long[] { 3, 0 }, 2).Node(Own, name, inputs, outputs, attributes).Output(outputs).Build();

    private static ModelProto Tokens(string name)
    {
        var model = Model().Initializer("indices", new long[] { 4, 0, 3 }, 3);
        return (name == "FlattenAndUnpad"
            ? model.Initializer("x", OrtRun.Random(12, 2), 2, 3, 2).Node(Own, name, ["x", "indices"], ["y", "extents"])
            : model.Initializer("x", OrtRun.Random(6, 3), 3, 2).Initializer("extents", new long[] { 2, 3 }, 2).Node(Own, name, ["x", "indices", "extents"], ["y"]))
            .Output("y").Build();
    }

    private static ModelProto OfProbabilities(string reduction)
    {
        float[] labels = OrtRun.Random(24, 5);
        for (int row = 0; row < labels.Length; row += 4)
        {
            float sum = labels.AsSpan(row, 4).ToArray().Sum(Math.Abs);
            for (int place = row; place < row + 4; place++)
                labels[place] = Math.Abs(labels[place]) / sum;
        }

        return Model().Initializer("x", OrtRun.Random(24, 4), 2, 3, 4).Initializer("labels", labels, 2, 3, 4).Initializer("g", [0.75f])
            .Node(Own, "SoftmaxCrossEntropy", ["x", "labels"], ["loss", "logs"], ("reduction", reduction))
            .Node(Own, "SoftmaxCrossEntropyGrad", ["g", "logs", "labels"], ["dx"], ("reduction", reduction))
            .Output("loss", "logs", "dx").Build();
    }

    private static ModelProto OfIndices(string reduction, bool isWeighted, params long[] shape)
    {
        const int classes = 4;
        int count = (int)shape.Aggregate(1L, static (product, extent) => product * extent);
        string[] weight = isWeighted ? ["weights"] : [];
        return Model().Initializer("x", OrtRun.Random(classes * count, 6), [.. shape, classes]).Initializer("g", [0.75f])
            .Initializer("labels", [.. Enumerable.Range(0, count).Select(static place => place * 3L % classes)], shape)
            .Initializer("weights", [.. OrtRun.Random(count, 7).Select(Math.Abs)], shape)
            .Node("SparseSoftmaxCrossEntropy", ["x", "labels", .. weight], ["loss", "logs"], ("reduction", reduction))
            .Node("SparseSoftmaxCrossEntropyGrad", ["g", "logs", "labels", .. weight], ["dx"], ("reduction", reduction))
            .Output("loss", "logs", "dx").Build();
    }

    private static ModelProto Ignoring() => Model()
        .Initializer("x", OrtRun.Random(12, 3), 4, 3).Initializer("labels", new long[] { 0, 2, 1, 2 }, 4).Initializer("ignored", new long[] { 2 })
        .Node(Own, "SoftmaxCrossEntropyLossInternal", ["x", "labels", "", "ignored"], ["loss", "logs"], ("reduction", "mean")).Output("loss", "logs").Build();

    private static ModelProto Broadcast() => Model()
        .Initializer("a", new long[] { 3, 1, 4 }, 3).Initializer("b", new long[] { 2, 3, 5, 1 }, 4).Initializer("g", OrtRun.Random(120, 8), 2, 3, 5, 4)
        .Node(Own, "BroadcastGradientArgs", ["a", "b"], ["of a", "of b"])
        .Node(Own, "ReduceSumTraining", ["g", "of a"], ["da"], ("keepdims", 0L), ("noop_with_empty_axes", 1L))
        .Node(Own, "ReduceSumTraining", ["g", "of b"], ["db"], ("keepdims", 1L), ("noop_with_empty_axes", 1L)).Output("da", "db").Build();

    private static ModelProto Joined() => Model()
        .Initializer("l", OrtRun.Random(6, 1), 2, 3).Initializer("r", OrtRun.Random(4, 2), 2, 2)
        .Node(Own, "ConcatTraining", ["l", "r"], ["y", "lengths"], ("axis", 1L))
        .Node(Own, "SplitTraining", ["y", "lengths"], ["first", "second"], ("axis", 1L)).Output("y", "first", "second").Build();
}
