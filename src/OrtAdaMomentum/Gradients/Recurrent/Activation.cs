namespace OrtAdaMomentum.Gradients.Recurrent;

/// <summary>An activation function of a recurrent layer with its two parameters.</summary>
internal sealed class Activation
{
    private static readonly Dictionary<string, Kind> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Affine"] = new(static (x, a, b) => x * a + b, static (x, y, a, b) => x.Like(a)) { Parameters = 2 },
        ["Elu"] = new(
            static (x, a, b) => x.Graph.Node("Elu", [x], x.Type, ("alpha", a)),
            static (x, y, a, b) => x.IsGreaterThan(0).Choose(1, y + a)) { Parameters = 1, Alpha = 1 },
        ["HardSigmoid"] = new(
            static (x, a, b) => x.Graph.Node("HardSigmoid", [x], x.Type, ("alpha", a), ("beta", b)),
            static (x, y, a, b) => y.IsGreaterThan(0).And(y.IsLessThan(1)).Choose(y.Like(a), 0)) { Parameters = 2, Alpha = 0.2f, Beta = 0.5f },
        ["LeakyRelu"] = new(
            static (x, a, b) => x.Graph.Node("LeakyRelu", [x], x.Type, ("alpha", a)),
            static (x, y, a, b) => x.IsGreaterThan(0).Choose(1, x.Like(a))) { Parameters = 1, Alpha = 0.01f },
        ["Relu"] = new(static (x, a, b) => x.Unary("Relu"), static (x, y, a, b) => y.IsGreaterThan(0).Choose(1, y.Like(0))),
        ["ScaledTanh"] = new(
            static (x, a, b) => (x * b).Unary("Tanh") * a,
            static (x, y, a, b) => (1 - Squared((x * b).Unary("Tanh"))) * (a * b)) { Parameters = 2 },
        ["Sigmoid"] = new(static (x, a, b) => x.Unary("Sigmoid"), static (x, y, a, b) => y * (1 - y)),
        ["Softplus"] = new(static (x, a, b) => x.Unary("Softplus"), static (x, y, a, b) => x.Unary("Sigmoid")),
        ["Softsign"] = new(static (x, a, b) => x.Unary("Softsign"), static (x, y, a, b) => Squared(1 - y.Abs())),
        ["Tanh"] = new(static (x, a, b) => x.Unary("Tanh"), static (x, y, a, b) => 1 - y * y),
        ["ThresholdedRelu"] = new(
            static (x, a, b) => x.Graph.Node("ThresholdedRelu", [x], x.Type, ("alpha", a)),
            static (x, y, a, b) => x.IsGreaterThan(a).Choose(1, x.Like(0))) { Parameters = 1 },
    };

    private readonly Kind _kind;
    private readonly float _alpha;
    private readonly float _beta;

    private Activation(Kind kind, float alpha, float beta)
    {
        _kind = kind;
        _alpha = alpha;
        _beta = beta;
    }

    private delegate SymbolicTensor Function(SymbolicTensor x, float alpha, float beta);

    private delegate SymbolicTensor Derivative(SymbolicTensor x, SymbolicTensor y, float alpha, float beta);

    /// <summary>
    /// The functions of a layer, those of the second direction behind those of the first. Functions take their parameters from the two
    /// lists in order, each as many as it has; what a list no longer gives is ONNX Runtime's default.
    /// </summary>
    public static Activation[] Sequence(GradientContext node, params IEnumerable<string> defaults)
    {
        var alphas = new Queue<float>(node.Numbers("activation_alpha") ?? []);
        var betas = new Queue<float>(node.Numbers("activation_beta") ?? []);
        return [.. (node.Texts("activations") ?? [.. defaults]).Select(name =>
        {
            var kind = Kinds.GetValueOrDefault(name) ?? throw new FineTuningException($"it has an activation '{name}' that is not known");
            float alpha = kind.Parameters > 0 && alphas.TryDequeue(out float a) ? a : kind.Alpha;
            float beta = kind.Parameters > 1 && betas.TryDequeue(out float b) ? b : kind.Beta;
            return new Activation(kind, alpha, beta);
        })];
    }

    public SymbolicTensor Apply(SymbolicTensor x) => _kind.Apply(x, _alpha, _beta);

    /// <summary>The derivative at <paramref name="x"/>, where the result is <paramref name="y"/>; a scalar where it is the same everywhere.</summary>
    public SymbolicTensor Slope(SymbolicTensor x, SymbolicTensor y) => _kind.Slope(x, y, _alpha, _beta);

    private static SymbolicTensor Squared(SymbolicTensor x) => x * x;

    private sealed record Kind(Function Apply, Derivative Slope)
    {
        /// <summary>How many parameters there are: none, alpha, or alpha and beta.</summary>
        public int Parameters { get; init; }

        public float Alpha { get; init; }

        public float Beta { get; init; }
    }
}
