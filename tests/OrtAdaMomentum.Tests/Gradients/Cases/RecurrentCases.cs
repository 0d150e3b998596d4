using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>
/// Recurrent layers, in single precision, the only one that ONNX Runtime computes them in. Where it goes other ways than the specification
/// the cases follow it: clip does not limit the memory of an LSTM before the output sees it, and the last state of an empty sequence is
/// zero in LSTM and GRU. Letters behind names pick values for which no difference straddles a limit or a kink.
/// </summary>
internal static class RecurrentCases
{
    private const string Single = "ONNX Runtime computes recurrent layers in single precision only";

    private const int Time = 3, Batch = 2, Input = 2, Hidden = 3;

    private static readonly (string, object) Size = ("hidden_size", (long)Hidden);
    private static readonly (string, object) Reverse = ("direction", "reverse");
    private static readonly (string, object) Bidirectional = ("direction", "bidirectional");

    private static readonly CaseInput Lengths = Integers32Of([Batch], 2, 3);

    public static readonly GradientCase[] All = [.. Shared("LSTM", 4), .. Lstm, .. Shared("GRU", 3), .. Gru, .. Shared("RNN", 1), .. Rnn];

    private static IEnumerable<GradientCase> Lstm =>
    [
        Whole("LSTM", "only the sequence used", 4, 1).With(Size) with { UnusedOutputs = [1, 2] },
        Whole("LSTM", "only the last hidden state used", 4, 1).With(Size) with { UnusedOutputs = [0, 2] },
        Whole("LSTM", "only the last memory used", 4, 1).With(Size) with { UnusedOutputs = [0, 1] },
        Peepholes("peepholes", 1).With(Size),
        Peepholes("peepholes, reverse", 1).With(Size, Reverse),
        Peepholes("peepholes, both directions", 2).With(Size, Bidirectional),
        Peepholes("peepholes, shorter sequences", 2, Lengths).With(Size, Bidirectional),
        Peepholes("peepholes, clipped", 1).With(Size, ("clip", 0.6f)),
        .. "cdf".Select(static letter => Whole("LSTM", $"clipped {letter}", 4, 2).With(Size, Bidirectional, ("clip", 0.8f))),
        Whole("LSTM", "coupled input and forget gates", 4, 1).With(Size, ("input_forget", 1L)),
        Whole("LSTM", "coupled input and forget gates, both directions", 4, 2, Lengths).With(Size, Bidirectional, ("input_forget", 1L)),
        Peepholes("coupled input and forget gates, peepholes", 1).With(Size, ("input_forget", 1L)),
        Whole("LSTM", "activations", 4, 1).With(Size, ("activations", new[] { "HardSigmoid", "Softsign", "Softplus" })),
        Whole("LSTM", "activations in small letters", 4, 1).With(Size, ("activations", new[] { "softsign", "relu", "affine" }),
            ("activation_alpha", new[] { 0.7f }), ("activation_beta", new[] { 0.1f })),
        Whole("LSTM", "activations with parameters", 4, 1).With(Size, ("activations", new[] { "Affine", "ScaledTanh", "Elu" }),
            ("activation_alpha", new[] { 0.4f, 1.2f, 0.8f }), ("activation_beta", new[] { 0.3f, 0.7f })),
        Whole("LSTM", "activations of each direction", 4, 2).With(Size, Bidirectional,
            ("activations", new[] { "Sigmoid", "LeakyRelu", "Tanh", "HardSigmoid", "ThresholdedRelu", "ScaledTanh" }),
            ("activation_alpha", new[] { 0.2f, 0.3f, 0.25f, 0.9f }), ("activation_beta", new[] { 0.4f, 1.1f })),
        Whole("LSTM", "activations with parameters partly left out", 4, 1).With(Size, ("activations", new[] { "HardSigmoid", "LeakyRelu", "Elu" }),
            ("activation_alpha", new[] { 0.3f })),
    ];

    private static IEnumerable<GradientCase> Gru =>
    [
        Whole("GRU", "only the sequence used", 3, 1).With(Size) with { UnusedOutputs = [1] },
        Whole("GRU", "only the last hidden state used", 3, 1).With(Size) with { UnusedOutputs = [0] },
        Linear("linear before reset", 1).With(Size, ("linear_before_reset", 1L)),
        Linear("linear before reset, reverse", 1).With(Size, Reverse, ("linear_before_reset", 1L)),
        Linear("linear before reset, shorter sequences", 2, Lengths).With(Size, Bidirectional, ("linear_before_reset", 1L)),
        .. "bef".Select(static letter => Whole("GRU", $"clipped {letter}", 3, 2).With(Size, Bidirectional, ("clip", 0.8f))),
        .. "abe".Select(static letter => Linear($"linear, clipped {letter}", 1).With(Size, ("clip", 0.8f), ("linear_before_reset", 1L))),
        new GradientCase("GRU", "linear before reset, no bias", Any(Time, Batch, Input), Any(1, 3 * Hidden, Input), Any(1, 3 * Hidden, Hidden))
            .With(Size, ("linear_before_reset", 1L)) with { Outputs = 2, SingleOnly = Single },
        Whole("GRU", "activations", 3, 1).With(Size, ("activations", new[] { "HardSigmoid", "Softsign" })),
        Linear("linear before reset, activations", 1).With(Size, ("linear_before_reset", 1L), ("activations", new[] { "Softplus", "Relu" })),
        Whole("GRU", "activations with parameters", 3, 1).With(Size, ("activations", new[] { "Affine", "ScaledTanh" }),
            ("activation_alpha", new[] { 0.4f, 1.2f }), ("activation_beta", new[] { 0.3f, 0.7f })),
        Whole("GRU", "activations of each direction", 3, 2).With(Size, Bidirectional,
            ("activations", new[] { "Sigmoid", "LeakyRelu", "Elu", "ThresholdedRelu" }), ("activation_alpha", new[] { 0.3f, 0.6f, 0.1f })),
    ];

    private static IEnumerable<GradientCase> Rnn =>
    [
        Whole("RNN", "only the sequence used", 1, 1).With(Size) with { UnusedOutputs = [1] },
        Whole("RNN", "only the last hidden state used", 1, 1).With(Size) with { UnusedOutputs = [0] },
        .. new[] { "Relu", "Sigmoid", "Softplus", "Softsign" }.Select(
            static name => Whole("RNN", name, 1, 1).With(Size, ("activations", new[] { name }))),
        .. new[] { "Affine", "Elu", "HardSigmoid", "ScaledTanh", "ThresholdedRelu" }.Select(
            static name => Whole("RNN", name, 1, 1).With(Size, ("activations", new[] { name }),
                ("activation_alpha", new[] { 0.4f }), ("activation_beta", new[] { 0.45f }))),
        Whole("RNN", "LeakyRelu b", 1, 1).With(Size, ("activations", new[] { "LeakyRelu" }), ("activation_alpha", new[] { 0.4f })),
        Whole("RNN", "Affine, clipped a", 1, 1).With(Size, ("activations", new[] { "Affine" }), ("clip", 0.9f),
            ("activation_alpha", new[] { 0.4f }), ("activation_beta", new[] { 0.45f })),
        .. new[] { "Affine", "Elu", "HardSigmoid", "LeakyRelu", "ScaledTanh", "ThresholdedRelu" }.Select(
            static name => Whole("RNN", $"{name} without parameters a", 1, 1).With(Size, ("activations", new[] { name }))),
        .. "acd".Select(static letter => Whole("RNN", $"clipped {letter}", 1, 2).With(Size, Bidirectional, ("clip", 0.8f))),
        Whole("RNN", "activations of each direction", 1, 2).With(Size, Bidirectional,
            ("activations", new[] { "Elu", "ScaledTanh" }), ("activation_alpha", new[] { 0.9f, 1.2f }), ("activation_beta", new[] { 0.7f })),
        Whole("RNN", "default activations of two directions given for one", 1, 1).With(Size, ("activations", new[] { "Tanh", "Tanh" })),
    ];

    /// <summary>What the three layers have in common.</summary>
    private static IEnumerable<GradientCase> Shared(string operatorType, int gates) =>
    [
        new GradientCase(operatorType, "weights only", Any(Time, Batch, Input), Any(1, gates * Hidden, Input), Any(1, gates * Hidden, Hidden))
            .With(Size) with { Outputs = Outputs(operatorType), SingleOnly = Single },
        Whole(operatorType, "all inputs", gates, 1).With(Size),
        Whole(operatorType, "reverse", gates, 1).With(Size, Reverse),
        Whole(operatorType, "both directions", gates, 2).With(Size, Bidirectional),
        Whole(operatorType, "shorter sequences", gates, 1, Lengths).With(Size),
        Whole(operatorType, "shorter sequences, reverse", gates, 1, Lengths).With(Size, Reverse),
        Whole(operatorType, "shorter sequences known at run time, both directions", gates, 2, Lengths.AsFed).With(Size, Bidirectional),
        new GradientCase(
            operatorType, "one step of one", Any(1, 1, 1), Any(1, gates, 1), Any(1, gates, 1), Any(1, 2 * gates)).With(("hidden_size", 1L)) with
        {
            Outputs = Outputs(operatorType),
            SingleOnly = Single,
        },
        new GradientCase(
            operatorType, "parameters and a free batch", Any(4, 3, Input), Any(1, gates * Hidden, Input).AsParameter,
            Any(1, gates * Hidden, Hidden).AsParameter, Any(1, 2 * gates * Hidden).AsParameter).With(Size) with
        {
            Outputs = Outputs(operatorType),
            SingleOnly = Single,
        },
        new GradientCase(
            operatorType, "frozen weights", Any(Time, Batch, Input), Any(1, gates * Hidden, Input).AsConstant,
            Any(1, gates * Hidden, Hidden).AsConstant, Any(1, 2 * gates * Hidden).AsConstant, Omitted, Any(1, Batch, Hidden)).With(Size) with
        {
            Outputs = Outputs(operatorType),
            SingleOnly = Single,
        },
        .. operatorType == "RNN"
            ? []
            : new[]
            {
                Whole(operatorType, "an empty sequence", gates, 1, Integers32Of([Batch], 0, 2)).With(Size),
                Whole(operatorType, "an empty sequence, reverse", gates, 1, Integers32Of([Batch], 2, 0)).With(Size, Reverse),
            },
    ];

    private static int Outputs(string operatorType) => operatorType == "LSTM" ? 3 : 2;

    private static GradientCase Whole(string operatorType, string description, int gates, int directions, CaseInput? lengths = null)
    {
        List<CaseInput> inputs =
        [
            Any(Time, Batch, Input), Any(directions, gates * Hidden, Input), Any(directions, gates * Hidden, Hidden),
            Any(directions, 2 * gates * Hidden), lengths ?? Omitted, Any(directions, Batch, Hidden),
        ];
        if (operatorType == "LSTM")
            inputs.Add(Any(directions, Batch, Hidden));
        return new GradientCase(operatorType, description, [.. inputs]) { Outputs = Outputs(operatorType), SingleOnly = Single };
    }

    private static GradientCase Linear(string description, int directions, CaseInput? lengths = null) =>
        Whole("GRU", description, 3, directions, lengths);

    private static GradientCase Peepholes(string description, int directions, CaseInput? lengths = null)
    {
        var whole = Whole("LSTM", description, 4, directions, lengths);
        return whole with { Inputs = [.. whole.Inputs, Any(directions, 3 * Hidden)] };
    }
}
