namespace OrtAdaMomentum.Gradients.Coverage;

/// <summary>What a registry does with one operator.</summary>
/// <param name="Name">Operator.</param>
/// <param name="Domain">Domain of the operator; empty for the ONNX standard.</param>
/// <param name="Support">What becomes of a gradient that reaches it.</param>
/// <param name="FirstOpset">First version of the operator set in which models with it are taken.</param>
/// <param name="LastOpset">Last version in which models with it are taken.</param>
/// <param name="Note">Limits, and why no gradient passes; may be empty.</param>
public sealed record OperatorCoverage(string Name, string Domain, OperatorSupport Support, int FirstOpset, int LastOpset, string Note)
{
    /// <summary>Whether a gradient passes.</summary>
    public bool HasGradient => Support is OperatorSupport.Rule or OperatorSupport.WrittenOut or OperatorSupport.Specialised;

    /// <summary>Whether the operator varies smoothly with an input, so that a gradient could pass.</summary>
    public bool IsDifferentiable => HasGradient || Support == OperatorSupport.Impossible;
}
