namespace OrtAdaMomentum.Gradients;

/// <summary>
/// Writes the gradients of one node's inputs, given those of its outputs. Element <c>i</c> belongs to input <c>i</c>; null (or a list
/// that ends early) means that no gradient flows into that input.
/// </summary>
public delegate IReadOnlyList<SymbolicTensor?> Differentiate(GradientContext node);

/// <summary>The gradient of one operator at the internal opset.</summary>
/// <param name="OperatorType">Name of the operator, for example <c>MatMul</c>.</param>
/// <param name="Differentiate">The formula.</param>
/// <param name="Domain">Domain of the operator; empty for the ONNX standard.</param>
public sealed record GradientRule(string OperatorType, Differentiate Differentiate, string Domain = "")
{
    /// <summary>
    /// Whether the operator broadcasts its inputs. The formula may then give gradients in the shape of the output: they are summed down
    /// to the shape of each input afterwards.
    /// </summary>
    public bool Broadcasts { get; init; }

    /// <summary>
    /// Inputs that only steer the operator (indices, axes, shapes, rates): a floating-point value that reaches one of them gets no
    /// gradient through it.
    /// </summary>
    public IReadOnlyList<int> SteeringInputs { get; init; } = [];

    /// <summary>What a user should know of limits and conventions, for the list of operators; empty when there is nothing to say.</summary>
    public string Note { get; init; } = string.Empty;

    /// <summary>Whether the formula also gives gradients to the values that graphs inside the node read from around it.</summary>
    internal bool DifferentiatesBodies { get; init; }
}
