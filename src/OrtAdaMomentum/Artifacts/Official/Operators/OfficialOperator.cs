using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>Computes what a training-only operator computes, with ordinary ones: a value per output.</summary>
internal delegate IReadOnlyList<SymbolicTensor?> Rewrite(OfficialNode node);

/// <summary>An operator that only the training build of ONNX Runtime has.</summary>
/// <param name="OperatorType">Its name.</param>
/// <param name="Rewrite">What it computes.</param>
internal sealed record OfficialOperator(string OperatorType, Rewrite Rewrite)
{
    /// <summary>Its operator set.</summary>
    public string Domain { get; init; } = OnnxDomains.Microsoft;

    /// <summary>
    /// Puts into its place, for as long as types are found, ordinary nodes whose outputs have the types of its own. What is left out has an
    /// unknown shape.
    /// </summary>
    public Action<StandIn> StandIn { get; init; } = static _ => { };

    /// <summary>The same operator, whose outputs have the types of these inputs, in order.</summary>
    public OfficialOperator Like(params int[] inputs) => this with
    {
        StandIn = standIn =>
        {
            for (int output = 0; output < inputs.Length; output++)
                standIn.Like(output, standIn.Input(inputs[output]));
        },
    };
}
