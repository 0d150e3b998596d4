namespace OrtAdaMomentum.Gradients;

/// <summary>
/// Writes what a node computes with operators that have gradient rules: one value per output, null (or a list that ends early) for an
/// output that the model does not declare.
/// </summary>
public delegate IReadOnlyList<SymbolicTensor?> WriteOut(NodeContext node);

/// <summary>
/// An operator that is a composition of others. On the way from the parameters to the loss its nodes are written out before
/// differentiating, so that its gradient follows from the rules of its parts; elsewhere the nodes stay as they are.
/// </summary>
/// <param name="OperatorType">Name of the operator, for example <c>BiasGelu</c>.</param>
/// <param name="WriteOut">The composition, as the operator's specification has it.</param>
/// <param name="Domain">Domain of the operator; empty for the ONNX standard.</param>
public sealed record Composition(string OperatorType, WriteOut WriteOut, string Domain = "")
{
    /// <summary>Inputs that only steer the operator (indices, lengths, positions) though they may hold floating-point numbers.</summary>
    public IReadOnlyList<int> SteeringInputs { get; init; } = [];

    /// <summary>What a user should know of limits and conventions, for the list of operators; empty when there is nothing to say.</summary>
    public string Note { get; init; } = string.Empty;
}
