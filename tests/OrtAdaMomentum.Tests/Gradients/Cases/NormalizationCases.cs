using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Batch and layer normalisation, softmax, dropout.</summary>
internal static class NormalizationCases
{
    private const string SingleStatistics = "the operator gives its statistics in single precision whatever the input";

    private const string RunningInSingle = "ONNX Runtime weighs running statistics in single precision";

    private static readonly (string, object) Training = ("training_mode", 1L);

    public static readonly GradientCase[] All =
    [
        Batch("given statistics", [2, 3, 2, 3]),
        Batch("given statistics, no spatial axes", [4, 3]),
        Batch("given statistics, 1-d", [2, 3, 4]),
        Batch("given statistics, 3-d", [2, 2, 2, 2, 3]),
        Batch("given statistics, one channel", [3, 1, 2, 2]),
        Batch("given statistics, large epsilon", [2, 3, 2, 2]).With(("epsilon", 0.1f)),
        Batch("batch statistics", [3, 2, 2, 3]).With(Training) with { Outputs = 3, UnusedOutputs = [1, 2] },
        Batch("batch statistics, no spatial axes", [5, 3]).With(Training) with { Outputs = 3, UnusedOutputs = [1, 2] },
        Batch("batch statistics, 1-d", [2, 3, 4]).With(Training) with { Outputs = 3, UnusedOutputs = [1, 2] },
        Batch("batch statistics, 3-d", [2, 2, 2, 2, 2]).With(Training) with { Outputs = 3, UnusedOutputs = [1, 2] },
        Batch("batch statistics, one image", [1, 2, 3, 3]).With(Training, ("momentum", 0.7f), ("epsilon", 0.01f)) with
        {
            Outputs = 3,
            UnusedOutputs = [1, 2],
        },
        new GradientCase("BatchNormalization", "batch statistics, mean far from 0", Within(99, 101, 3, 2, 4), Any(2), Any(2), Any(2), Within(0.5, 2, 2))
            .With(Training) with { Outputs = 3, UnusedOutputs = [1, 2] },
        Batch("batch and running statistics", [3, 2, 2]).With(Training, ("momentum", 0.6f)) with { Outputs = 3, SingleOnly = RunningInSingle },
        Batch("running statistics alone", [3, 2, 2]).With(Training) with { Outputs = 3, UnusedOutputs = [0], SingleOnly = RunningInSingle },
        Batch("running mean alone", [3, 2]).With(Training) with { Outputs = 3, UnusedOutputs = [0, 2], SingleOnly = RunningInSingle },
        new("BatchNormalization", "frozen statistics and scale", Any(2, 2, 3, 2), Any(2).AsConstant, Any(2), Any(2).AsConstant, Within(0.5, 2, 2).AsConstant),

        Layer("last axis", [2, 3, 4], [4]),
        Layer("last two axes", [2, 3, 4], [3, 4]).With(("axis", 1L)),
        Layer("all axes", [2, 3], [2, 3]).With(("axis", 0L)),
        Layer("negative axis", [2, 2, 3, 2], [3, 2]).With(("axis", -2L)),
        Layer("vector", [5], [5]),
        Layer("scale of one element", [2, 4], [1]),
        Layer("scale broadcast over the normalised axes", [2, 3, 4], [1, 4]).With(("axis", 1L)),
        Layer("large epsilon", [2, 4], [4]).With(("epsilon", 0.1f)),
        new("LayerNormalization", "no bias", Any(2, 4), Any(4)),
        new("LayerNormalization", "frozen scale", Any(2, 4), Any(4).AsConstant, Any(4)),
        new("LayerNormalization", "mean far from 0", Within(99, 101, 3, 4), Any(4), Any(4)),
        Layer("statistics as outputs", [2, 4], [4]) with { Outputs = 3, SingleOnly = SingleStatistics },
        Layer("only the statistics used", [2, 2, 3], [2, 3]).With(("axis", 1L)) with
        {
            Outputs = 3,
            UnusedOutputs = [0],
            SingleOnly = SingleStatistics,
        },

        .. Softmax("Softmax"),
        .. Softmax("LogSoftmax"),

        new("Dropout", "inference by default", Any(2, 3)),
        new("Dropout", "inference with a ratio", Any(2, 3), Numbers([], 0.3).AsConstant),
        new("Dropout", "inference told by a constant", Any(2, 3), Numbers([], 0.3).AsConstant, Booleans([], false)),
        new("Dropout", "training with ratio 0", Any(2, 3), Numbers([], 0).AsConstant, Booleans([], true)) { Outputs = 2 },
        new("Dropout", "inference told at run time", Any(2, 3), Numbers([], 0.3).AsFed, Booleans([], false).AsFed),
    ];

    private static IEnumerable<GradientCase> Softmax(string operatorType) =>
    [
        new(operatorType, "last axis by default", Within(-3, 3, 2, 4)),
        new GradientCase(operatorType, "first axis", Within(-3, 3, 3, 2, 2)).With(("axis", 0L)),
        new GradientCase(operatorType, "middle axis", Within(-3, 3, 2, 3, 2)).With(("axis", 1L)),
        new GradientCase(operatorType, "negative axis", Within(-3, 3, 2, 3, 2)).With(("axis", -2L)),
        new(operatorType, "vector", Within(-3, 3, 5)),
        new(operatorType, "axis of size 1", Within(-3, 3, 3, 1)),
        new(operatorType, "large values", Within(60, 80, 2, 3)),
        new GradientCase(operatorType, "rank 4", Within(-3, 3, 2, 2, 2, 3)).With(("axis", 3L)),
    ];

    private static GradientCase Batch(string description, long[] shape) =>
        new("BatchNormalization", description, Any(shape), Any(shape[1]), Any(shape[1]), Any(shape[1]), Within(0.5, 2, shape[1]));

    private static GradientCase Layer(string description, long[] shape, long[] scale) =>
        new("LayerNormalization", description, Any(shape), Any(scale), Any(scale));
}
