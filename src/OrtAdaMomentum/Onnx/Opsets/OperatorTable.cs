using System.Globalization;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>
/// What changed between the versions of the standard operators, for those that are converted. An operator that is listed as known and has
/// no change here means the same in every version from 7 on: only element types, negative axes or attributes with a neutral
/// default were added.
/// </summary>
internal static class OperatorTable
{
    /// <summary>The change that version <see cref="Version"/> of an operator brought.</summary>
    public sealed record Change(int Version, Action<NodeConversion> Convert);

    private static readonly Dictionary<string, Change[]> UpwardChanges = new(StringComparer.Ordinal)
    {
        ["BatchNormalization"] = [new(9, BatchNormalization.OnlyPerChannel), new(14, BatchNormalization.DropStatistics)],
        ["Clip"] = [new(11, Clip.Convert)],
        ["DFT"] = [new(20, SmallChanges.Dft)],
        ["Dropout"] = [new(12, Dropout.Convert)],
        ["GridSample"] = [new(20, SmallChanges.GridSample)],
        ["GroupNormalization"] = [new(21, GroupNormalization.Convert)],
        ["Hardmax"] = [new(13, Softmax.Convert)],
        ["LogSoftmax"] = [new(13, Softmax.Convert)],
        ["Pad"] = [new(11, Pad.Convert)],
        ["ReduceL1"] = [new(18, AxesToInput.Convert)],
        ["ReduceL2"] = [new(18, AxesToInput.Convert)],
        ["ReduceLogSum"] = [new(18, AxesToInput.Convert)],
        ["ReduceLogSumExp"] = [new(18, AxesToInput.Convert)],
        ["ReduceMax"] = [new(18, AxesToInput.Convert)],
        ["ReduceMean"] = [new(18, AxesToInput.Convert)],
        ["ReduceMin"] = [new(18, AxesToInput.Convert)],
        ["ReduceProd"] = [new(18, AxesToInput.Convert)],
        ["ReduceSum"] = [new(13, AxesToInput.Convert)],
        ["ReduceSumSquare"] = [new(18, AxesToInput.Convert)],
        ["Resize"] = [new(11, Resize.FromUpsample), new(13, Resize.From11)],
        ["RoiAlign"] = [new(16, SmallChanges.RoiAlign)],
        ["Scatter"] = [new(11, SmallChanges.Scatter)],
        ["Slice"] = [new(10, Slice.Convert)],
        ["Softmax"] = [new(13, Softmax.Convert)],
        ["Split"] = [new(13, Split.LengthsToInput), new(18, Split.SayNumberOfParts)],
        ["Squeeze"] = [new(13, AxesToInput.Convert)],
        ["TopK"] = [new(10, TopK.Convert)],
        ["Unsqueeze"] = [new(13, AxesToInput.Convert)],
        ["Upsample"] = [new(9, Resize.UpsampleScalesToInput), new(10, Resize.FromUpsample)],
    };

    private static readonly Dictionary<string, Change[]> DownwardChanges = new(StringComparer.Ordinal)
    {
        ["Attention"] = [new(23, Attention.WriteOut)],
        ["Cast"] = [new(24, SmallChanges.Forget("round_mode"))],
        ["CastLike"] = [new(24, SmallChanges.Forget("round_mode"))],
        ["CumProd"] = [new(26, CumProd.WriteOut)],
        ["DequantizeLinear"] = [new(23, SmallChanges.Refuse("output_dtype"))],
        ["QuantizeLinear"] = [new(23, SmallChanges.Refuse("precision"))],
        ["RMSNormalization"] = [new(23, RmsNormalization.Rename)],
        ["RotaryEmbedding"] = [new(23, RotaryEmbedding.WriteOut)],
        ["Swish"] = [new(24, Swish.WriteOut)],
        ["TensorScatter"] = [new(24, TensorScatter.WriteOut)],
    };

    /// <summary>Operators that changed their meaning altogether, and the first version that means what it means now.</summary>
    private static readonly Dictionary<string, int> OldestMeaning = new(StringComparer.Ordinal) { ["Scan"] = 9 };

    /// <summary>
    /// The versions before 7 from which on operators mean what they mean in 7. Those that are not here broadcast or count differently.
    /// </summary>
    private static readonly Dictionary<string, int> EarlyMeaning =
        """
        Abs:6 ArgMax:1 ArgMin:1 Cast:6 Ceil:6 Clip:6 Concat:4 Constant:1 Conv:1 ConvTranspose:1 DepthToSpace:1 Elu:6 Exp:6
        Flatten:1 Floor:6 Gather:1 GlobalAveragePool:1 GlobalLpPool:2 GlobalMaxPool:1 HardSigmoid:6 Hardmax:1 Identity:1
        InstanceNormalization:6 LRN:1 LeakyRelu:6 Log:6 LogSoftmax:1 LpNormalization:1 LpPool:2 MatMul:1 Max:6 MaxPool:1 MaxRoiPool:1
        Mean:6 Min:6 Neg:6 Not:1 Pad:2 Reciprocal:6 ReduceL1:1 ReduceL2:1 ReduceLogSum:1 ReduceLogSumExp:1 ReduceMax:1 ReduceMean:1
        ReduceMin:1 ReduceProd:1 ReduceSum:1 ReduceSumSquare:1 Relu:6 Reshape:5 Selu:6 Shape:1 Sigmoid:6 Size:1 Slice:1 Softmax:1
        Softplus:1 Softsign:1 SpaceToDepth:1 Split:2 Sqrt:6 Squeeze:1 Sum:6 Tanh:6 Tile:6 TopK:1 Transpose:1 Unsqueeze:1
        """
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(static item => item.Split(':'))
        .ToDictionary(static pair => pair[0], static pair => int.Parse(pair[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    // Every other standard operator of version 21, and SimplifiedLayerNormalization, which the runtime adds to them.
    private static readonly HashSet<string> Unchanged = new(
        """
        Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool Bernoulli BitShift BitwiseAnd BitwiseNot
        BitwiseOr BitwiseXor BlackmanWindow Cast CastLike Ceil Celu CenterCropPad Col2Im Compress Concat ConcatFromSequence Constant
        ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh CumSum DeformConv DepthToSpace DequantizeLinear Det Div
        DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm
        GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual HammingWindow HannWindow HardSigmoid HardSwish Identity If
        ImageDecoder InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log Loop LpNormalization
        LpPool MatMul MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean MeanVarianceNormalization MelWeightMatrix Min Mish Mod Mul
        Multinomial Neg NegativeLogLikelihoodLoss NonMaxSuppression NonZero Not OneHot Optional OptionalGetElement OptionalHasElement
        Or PRelu Pow QLinearConv QLinearMatMul QuantizeLinear RNN RandomNormal RandomNormalLike RandomUniform RandomUniformLike Range
        Reciprocal RegexFullMatch Relu Reshape ReverseSequence Round STFT Scan ScatterElements ScatterND Selu SequenceAt
        SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap Shape Shrink Sigmoid Sign
        SimplifiedLayerNormalization Sin Sinh Size
        SoftmaxCrossEntropyLoss Softplus Softsign SpaceToDepth SplitToSequence Sqrt StringConcat StringNormalizer StringSplit Sub Sum
        Tan Tanh TfIdfVectorizer ThresholdedRelu Tile Transpose Trilu Unique Where Xor
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
        StringComparer.Ordinal);

    /// <summary>What only steers a node of an operator that is written out, where nothing tells afterwards that it did.</summary>
    public static IEnumerable<string> SteeringInputs(NodeProto node) => !OnnxDomains.IsStandard(node) ? [] : node.OpType switch
    {
        "Attention" => node.Input.Skip(3).Take(1),
        "RotaryEmbedding" => node.Input.Skip(1).Take(2),
        _ => [],
    };

    public static bool IsKnown(string opType) =>
        Unchanged.Contains(opType) || UpwardChanges.ContainsKey(opType) || DownwardChanges.ContainsKey(opType);

    /// <summary>Whether an operator that the target version does not have is written with those that it has.</summary>
    public static bool IsConverted(StandardOperator item) =>
        IsKnown(item.Name) && (item.First > Normalization.ModelNormalizer.TargetOpset || item.Last is not null);

    /// <summary>The first version in which an operator has the meaning that it is converted from.</summary>
    public static int OldestUsable(string opType) =>
        OldestMeaning.TryGetValue(opType, out int version) || EarlyMeaning.TryGetValue(opType, out version) ? version : OpsetConversion.FirstOfToday;

    /// <summary>The changes between two versions in the order in which they are applied.</summary>
    public static IEnumerable<Change> Between(string opType, long from, long to) => from <= to
        ? UpwardChanges.GetValueOrDefault(opType, []).Where(change => from < change.Version && change.Version <= to)
        : DownwardChanges.GetValueOrDefault(opType, []).Where(change => to < change.Version && change.Version <= from).Reverse();
}
