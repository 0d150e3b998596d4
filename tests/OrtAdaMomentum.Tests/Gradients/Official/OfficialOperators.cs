using OrtAdaMomentum.Onnx;
using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Official;

/// <summary>The gradient operators of the official runtime, as its own generator writes them.</summary>
internal static class OfficialOperators
{
    private static readonly (string, object)[] None = [];
    private static readonly (string, object)[] Axis = [("axis", -1L)];
    private static readonly (string, object) Tanh = ("approximate", "tanh");

    public static IReadOnlyList<OfficialOperator> All { get; } =
        [.. Activations, .. Normalizations, .. Windows, .. Indexing, .. Losses, .. Recurrent];

    /// <summary>Every operator with every case that it is meant for.</summary>
    public static IReadOnlyList<(OfficialOperator Operator, GradientCase Case)> Cases { get; } =
    [
        .. from official in All
           from item in GradientCases.All.Where(item => Differentiates(official, item) && official.Takes(item)).Concat(official.OwnCases)
           select (official, item),
    ];

    private static IEnumerable<OfficialOperator> Activations =>
    [
        FromOutput("ReluGrad", "Relu"),
        FromOutput("SigmoidGrad", "Sigmoid"),
        FromOutput("TanhGrad", "Tanh"),
        FromOutput("LeakyReluGrad", "LeakyRelu"),
        FromInput("GeluGrad", "com.microsoft.Gelu"),
        FromInput("GeluGrad", "Gelu") with { Attributes = None, Takes = static item => !item.Attributes.Contains(Tanh) },
        FromInput("FastGeluGrad", "Gelu") with { Attributes = None, Takes = static item => item.Attributes.Contains(Tanh) },
        FromInput("FastGeluGrad", "com.microsoft.FastGelu") with { Takes = static item => item.Inputs.Count == 1 },
        new("BiasFastGeluGrad_dX", "com.microsoft.FastGelu", ["dy0", "x0", "x1"], "dx0") { Takes = static item => item.Inputs.Count == 2 },
        new("BiasGeluGrad_dX", "com.microsoft.BiasGelu", ["dy0", "x0", "x1"], "dx0"),
        FromInput("QuickGeluGrad", "com.microsoft.QuickGelu"),
        new("DivGrad", "Div", ["dy0", "x0", "x1"], "dx0", "dx1"),
        new("DropoutGrad", "Dropout", ["dy0", "y1", "x1", "x2"], "dx0")
        {
            GivenOutput = 1,
            Takes = static _ => false,
            OwnCases =
            [
                .. new[] { 0.25, 0.6 }.Select(static ratio => new GradientCase(
                    "Dropout", $"training, ratio {ratio}", Any(4, 5), Numbers([], ratio).AsConstant, Booleans([], true)) { Outputs = 2 }),
            ],
        },
    ];

    private static IEnumerable<OfficialOperator> Normalizations =>
    [
        FromOutput("SoftmaxGrad", "Softmax") with { Attributes = Axis, Takes = IsOverLastAxis },
        FromOutput("SoftmaxGrad_13", "Softmax") with { Attributes = Axis },
        FromOutput("LogSoftmaxGrad", "LogSoftmax") with { Attributes = Axis, Takes = IsOverLastAxis },
        FromOutput("LogSoftmaxGrad_13", "LogSoftmax") with { Attributes = Axis },
        new("LayerNormalizationGrad", "LayerNormalization", ["dy0", "x0", "x1", "y1", "y2"], "dx0", "dx1", "dx2")
        {
            Attributes = Axis,
            GetsWrong = IsFarFromZero,
        },
        new("InvertibleLayerNormalizationGrad", "LayerNormalization", ["dy0", "y0", "x1", "x2", "y2"], "dx0", "dx1", "dx2")
        {
            Attributes = Axis,
            Takes = static item => item.Inputs.Count == 3,
            GetsWrong = IsFarFromZero,
        },
        new("SimplifiedLayerNormalizationGrad", "SimplifiedLayerNormalization", ["dy0", "x0", "x1", "y1"], "dx0", "dx1") { Attributes = Axis },
        new("BatchNormalizationGrad", "BatchNormalization", ["dy0", "x0", "x1", "y3", "y4"], "dx0", "dx1", "dx2")
        {
            TrainedAs = "BatchNormInternal",
            Attributes = [("epsilon", 1e-5f)],
            Takes = static item => item.Attributes.Contains(("training_mode", 1L)),
        },
    ];

    private static IEnumerable<OfficialOperator> Windows =>
    [
        new("ConvGrad", "Conv", ["dy0", "x0", "x1"], "dx0", "dx1", "dx2") 
        {
            GetsWrong = static item => PadsByRule(item) && item.Description != "SAME_UPPER, stride larger than kernel",
        },
        new("ConvTransposeGrad", "ConvTranspose", ["dy0", "x0", "x1"], "dx0", "dx1", "dx2")
        {
            Unusable = "no kernel",
            Takes = static item => item.Description == "kernel 3x3",
        },
        new("MaxPoolGrad", "MaxPool", ["dy0", "y1"], "dx0")
        {
            Domain = string.Empty,
            GetsWrong = static item => Integer(item, "storage_order") == 1,
        },
        new("AveragePoolGrad", "AveragePool", ["dy0"], "dx0")
        {
            Domain = string.Empty,
            GetsWrong = static item => PadsByRule(item) || item.Inputs[0].Shape.Length == 5
                || item.Attributes.Any(static pair => pair.Name == "dilations")
                || (Integer(item, "ceil_mode") == 1 && Integer(item, "count_include_pad") == 1),
        },
        new("ResizeGrad", "Resize", ["dy0", "x0", "x1", "x2"], "dx0")
        {
            Unusable = "no kernel",
            // Neither axes nor a policy: the official operator knows none of the two.
            Takes = static item => item.Attributes.Contains(("mode", "linear")) && !item.Attributes.Any(static pair => pair.Name is "axes" or "keep_aspect_ratio_policy"),
        },
    ];

    private static IEnumerable<OfficialOperator> Indexing =>
    [
        new("GatherGrad", "Gather", ["shape0", "x1", "dy0"], "dx0"),
        new("GatherElementsGrad", "GatherElements", ["dy0", "shape0", "x1"], "dx0"),
        new("GatherNDGrad", "GatherND", ["shape0", "x1", "dy0"], "dx0") { Unusable = "counts the axes of a shape in units of a pointer's size" },
        new("SliceGrad", "Slice", ["dy0", "shape0", "x1", "x2", "x3", "x4"], "dx0"),
    ];

    private static IEnumerable<OfficialOperator> Losses =>
    [
        new("SoftmaxCrossEntropyLossGrad", "SoftmaxCrossEntropyLoss", ["dy0", "y1", "x1", "x2"], "dx0"),
        new("SoftmaxCrossEntropyLossInternalGrad", "SoftmaxCrossEntropyLoss", ["dy0", "y1", "x1", "x2"], "dx0")
        {
            Attributes = [("reduction", "mean")],
            Takes = IgnoresNothing,
        },
        new("SparseSoftmaxCrossEntropyGrad", "SoftmaxCrossEntropyLoss", ["dy0", "y1", "x1"], "dx0") { Domain = string.Empty, Takes = IsPlain },
        new("SoftmaxCrossEntropyGrad", "SoftmaxCrossEntropyLoss", ["dy0", "y1", "onehot1"], "dx0")
        {
            Takes = static item => IsPlain(item) && item.Inputs[1].Type == ElementType.Int64,
        },
    ];

    private static IEnumerable<OfficialOperator> Recurrent =>
    [
        new("LSTMGrad", "LSTM", ["x0", "x1", "x2", "x4", "x5", "x6", "y0", "y3", "y4", "dy0", "dy1", "dy2"],
            "dx0", "dx1", "dx2", "dx3", "dx5", "dx6", "dx7")
        {
            TrainedAs = "LSTMTraining",
            Takes = IsPlainLayer,
            GetsWrong = static item => item.Inputs.Count == 8,
        },
        new("GRUGrad", "GRU", ["x0", "x1", "x2", "x3", "x4", "x5", "y0", "y2", "dy0", "dy1"], "dx0", "dx1", "dx2", "dx3", "dx5")
        {
            TrainedAs = "GRUTraining",
            Takes = IsPlainLayer,
        },
    ];

    private static OfficialOperator FromOutput(string name, string forward) => new(name, forward, ["dy0", "y0"], "dx0");

    private static OfficialOperator FromInput(string name, string forward) => new(name, forward, ["dy0", "x0"], "dx0");

    private static bool Differentiates(OfficialOperator official, GradientCase item) =>
        item.Name.StartsWith(official.Forward + "/", StringComparison.Ordinal);

    private static long Integer(GradientCase item, string attribute, long otherwise = 0) =>
        item.Attributes.Where(pair => pair.Name == attribute).Select(static pair => (long)pair.Value).FirstOrDefault(otherwise);

    private static bool IsOverLastAxis(GradientCase item) =>
        Integer(item, "axis", -1) is var axis && (axis == -1 || axis == item.Inputs[0].Shape.Length - 1);

    private static bool IsFarFromZero(GradientCase item) => item.Description == "mean far from 0";

    private static bool PadsByRule(GradientCase item) => item.Attributes.Any(static pair => pair.Value is "SAME_UPPER" or "SAME_LOWER");

    private static bool IgnoresNothing(GradientCase item) => !item.Attributes.Any(static pair => pair.Name == "ignore_index");

    private static bool IsPlainLayer(GradientCase item) =>
        item.Attributes.All(static pair => pair.Name is "hidden_size" or "linear_before_reset")
        && item.Inputs.ElementAtOrDefault(4) is null or { Role: InputRole.Omitted };

    private static bool IsPlain(GradientCase item) =>
        IgnoresNothing(item) && item.Inputs.Count == 2 && item.Inputs[0].Shape.Length == 2 && !item.Attributes.Contains(("reduction", "none"));
}
