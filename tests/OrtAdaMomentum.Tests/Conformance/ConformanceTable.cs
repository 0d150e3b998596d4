using System.Globalization;
using System.IO.Enumeration;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Tests.Conformance;

/// <summary>Something that is special about all models of a name, in which * stands for anything, and why.</summary>
internal record TableEntry(string Models, string Reason)
{
    public bool Covers(string name) => FileSystemName.MatchesSimpleExpression(Models, name, ignoreCase: false);
}

/// <summary>A model that is not checked: what must come of the attempt, and why.</summary>
internal sealed record Exclusion(string Models, OutcomeKind Kind, string Reason) : TableEntry(Models, Reason);

/// <summary>
/// What is special about some models. Models without floating-point inputs or outputs need no entry, nor do those with an operator of which
/// the coverage says that no gradient passes it.
/// </summary>
internal static class ConformanceTable
{
    private const string Training = "optimizers and gradients of the training preview, which ONNX Runtime does not have";
    private const string BatchFirst = "ONNX Runtime refuses the layout with the batch first";
    private const string BeforeVersion7 = "ONNX Runtime has no kernel for the operator as it was before version 7";

    /// <summary>Models that cannot be checked. One that could be after all fails its test.</summary>
    public static readonly Exclusion[] Exclusions =
    [
        new("node/test_adagrad*", OutcomeKind.RuntimeRefuses, Training),
        new("node/test_adam*", OutcomeKind.RuntimeRefuses, Training),
        new("node/test_momentum*", OutcomeKind.RuntimeRefuses, Training),
        new("node/test_nesterov_momentum", OutcomeKind.RuntimeRefuses, Training),
        new("simple/test_gradient_of_*", OutcomeKind.RuntimeRefuses, Training),
        new("node/test_gru_batchwise", OutcomeKind.RuntimeRefuses, BatchFirst),
        new("node/test_lstm_batchwise", OutcomeKind.RuntimeRefuses, BatchFirst),
        new("node/test_simple_rnn_batchwise", OutcomeKind.RuntimeRefuses, BatchFirst),
        new("node/test_pow_types_float32_uint*", OutcomeKind.RuntimeRefuses, "ONNX Runtime has no power of a number to an unsigned integer"),
        new("node/test_castlike_*BFLOAT16*", OutcomeKind.RuntimeRefuses, "the stored 'like' is not of the shape that the model declares"),
        new("pytorch-converted/test_AvgPool*", OutcomeKind.RuntimeRefuses, BeforeVersion7),
        new("pytorch-converted/test_BatchNorm*", OutcomeKind.RuntimeRefuses, BeforeVersion7),
        new("pytorch-converted/test_GLU*", OutcomeKind.RuntimeRefuses, BeforeVersion7),
        new("pytorch-converted/test_Linear", OutcomeKind.RuntimeRefuses, BeforeVersion7),
        new("pytorch-converted/test_PReLU_*", OutcomeKind.RuntimeRefuses, BeforeVersion7),
        new("pytorch-converted/test_PoissonNLLLLoss_no_reduce", OutcomeKind.RuntimeRefuses, BeforeVersion7),
        new("pytorch-converted/test_Softsign", OutcomeKind.RuntimeRefuses, BeforeVersion7),
        new("pytorch-operator/test_operator_add*", OutcomeKind.RuntimeRefuses, BeforeVersion7),
        new("pytorch-operator/test_operator_basic", OutcomeKind.RuntimeRefuses, BeforeVersion7),
        new("pytorch-operator/test_operator_mm", OutcomeKind.RuntimeRefuses, BeforeVersion7),
        new("pytorch-operator/test_operator_params", OutcomeKind.RuntimeRefuses, BeforeVersion7),
        new("pytorch-operator/test_operator_pow", OutcomeKind.RuntimeRefuses, BeforeVersion7),

        new("node/test_bernoulli*", OutcomeKind.Random, "draws random numbers"),
        new("node/test_training_dropout", OutcomeKind.Random, "drops at random"),
        new("node/test_training_dropout_default*", OutcomeKind.Random, "drops at random"),
        new("node/test_training_dropout_mask", OutcomeKind.Random, "drops at random"),

        new("node/test_castlike_STRING_to_FLOAT", OutcomeKind.OnlySteers, "the one number only gives the type"),
        new("node/test_range_float_*_expanded", OutcomeKind.LibraryRefuses, "a loop whose length depends on the inputs to differentiate by"),
        new("node/test_resize_*_tf_half_pixel_for_nn", OutcomeKind.LibraryRefuses, "places that no operator has had since version 13"),
        new("node/test_scan_sum", OutcomeKind.LibraryRefuses, "Scan of version 8, with a batch of its own, was withdrawn by version 9"),

        new("node/test_acosh_example", OutcomeKind.Disagrees, "its last element is 1, where the slope is infinite"),
        new("pytorch-operator/test_operator_sqrt", OutcomeKind.Disagrees, "takes roots of negative numbers"),
    ];

    /// <summary>Models whose gradient is zero everywhere.</summary>
    public static readonly TableEntry[] Zeros =
    [
        new("node/test_castlike_STRING_to_FLOAT_expanded", "the one number only gives the type"),
        new("node/test_ceil*", "steps"),
        new("node/test_floor*", "steps"),
        new("node/test_hardmax*", "ones and zeros"),
        new("node/test_melweightmatrix", "the edges of the bands are rounded to whole bins"),
        new("node/test_round", "steps"),
        new("*/test_sign*", "steps"),
        new("node/test_reshape_allowzero_reordered", "no elements"),
        new("node/test_slice_start_out_of_bounds", "no elements left"),
        new("node/test_split_zero_size_splits", "no elements"),
    ];

    /// <summary>Models with inputs at a kink or jump, or so near to one that a difference reaches over it.</summary>
    public static readonly TableEntry[] Kinks =
    [
        new("node/test_cast_BFLOAT16_to_FLOAT", "some elements are infinite or no numbers"),
        new("node/test_cast_FLOAT_to_BFLOAT16", "some elements are infinite or no numbers"),
        new("node/test_dynamicquantizelinear_min_adjusted_expanded", "two elements are the greatest"),
        new("node/test_elu_example", "an element is 0"),
        new("node/test_floor_example", "2 is a whole number"),
        new("node/test_gridsample_aligncorners_true", "points in the middle of pixels"),
        new("node/test_gridsample_bilinear", "points in the middle of pixels"),
        new("node/test_gridsample_nearest", "points between two pixels"),
        new("node/test_hardmax_one_hot", "several elements are the greatest"),
        new("node/test_leakyrelu_example", "an element is 0"),
        new("node/test_melweightmatrix", "the lower edge is 0, below which there is none"),
        new("node/test_range_float_type_positive_delta", "the limit is reached exactly"),
        new("node/test_reduce_min_default_axes_keepdims_example", "several elements are the least"),
        new("node/test_round", "elements halfway between whole numbers"),
        new("node/test_selu_example", "an element is 0"),
        new("*/test_sign*", "an element is 0"),
        new("node/test_thresholdedrelu_example", "an element is the threshold"),
        new("node/test_unique_*", "equal elements part when one of them moves"),
    ];

    /// <summary>Models whose double kernels compute in single precision, so that small differences are rounding.</summary>
    public static readonly TableEntry[] SinglePrecision =
    [
        new("*/test_shrink*", "ONNX Runtime shrinks in single precision whatever the type"),
        new("node/test_batchnorm_*_training_mode", "ONNX Runtime weighs running statistics in single precision"),
    ];

    /// <summary>Scalar inputs that have to be constants, which a user fixes.</summary>
    public static readonly (string Models, string Input)[] Fixed =
    [
        ("node/test_loop11", "trip_count"),
        ("node/test_loop11", "cond"),
        ("node/test_stft*", "frame_step"),
        ("node/test_stft", "frame_length"),
    ];

    /// <summary>The fixed inputs of a model with their values as text.</summary>
    public static IReadOnlyDictionary<string, string> FixedInputs(ConformanceModel model) => Fixed
        .Where(item => new TableEntry(item.Models, string.Empty).Covers(model.Name))
        .ToDictionary(static item => item.Input, item => TensorData.ToLongs(model.Feeds[item.Input])[0].ToString(CultureInfo.InvariantCulture));
}
