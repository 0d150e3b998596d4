namespace OrtAdaMomentum.Gradients.Fused;

/// <summary>The activation inside a fused operator, as the standard operator of the same name.</summary>
internal static class FusedActivation
{
    /// <summary>Writes the activation <paramref name="name"/>.</summary>
    /// <param name="x">What is activated.</param>
    /// <param name="name">Name of the activation; empty for none.</param>
    /// <param name="parameter">Its parameters by the name that the standard operator has for them.</param>
    /// <exception cref="FineTuningException">The runtime has no such activation, or a parameter is missing.</exception>
    public static SymbolicTensor Apply(SymbolicTensor x, string name, Func<string, float> parameter) => name switch
    {
        "" => x,
        "HardSwish" or "Relu" or "Sigmoid" or "Softplus" or "Softsign" or "Tanh" => x.Unary(name),
        "Elu" or "LeakyRelu" or "ThresholdedRelu" => With(x, name, parameter, "alpha"),
        // Celu itself exists in single precision alone.
        "Celu" => (x / parameter("alpha")).Unary("Elu") * parameter("alpha"),
        "HardSigmoid" => With(x, name, parameter, "alpha", "beta"),
        "Selu" => With(x, name, parameter, "alpha", "gamma"),
        "Clip" => x.Graph.Node("Clip", [x, x.Like(parameter("min")), x.Like(parameter("max"))], x.Type),
        "ParametricSoftplus" => (x * parameter("beta")).Unary("Softplus") * parameter("alpha"),
        "ScaledTanh" => (x * parameter("beta")).Unary("Tanh") * parameter("alpha"),
        _ => throw new FineTuningException($"its activation '{name}' is not known"),
    };

    private static SymbolicTensor With(SymbolicTensor x, string name, Func<string, float> parameter, params string[] names) =>
        x.Graph.Node(name, [x], x.Type, [.. names.Select(key => (key, (AttributeValue)parameter(key)))]);
}
