namespace OrtAdaMomentum.Tests.Gradients.Official;

/// <summary>
/// A gradient operator of the official runtime and how its node is written from the forward node: <c>x0</c> is an input of the forward
/// node, <c>y0</c> an output, <c>dx0</c> and <c>dy0</c> are their gradients, <c>shape0</c> is the shape of an input, <c>onehot1</c> an input
/// of class indices as rows of zeros and a one.
/// </summary>
/// <param name="Name">Operator type.</param>
/// <param name="Forward">The operator that it differentiates, with its domain unless that is the standard's.</param>
/// <param name="Inputs">The node's inputs. What the forward node lacks is left out.</param>
/// <param name="Outputs">The node's outputs.</param>
internal sealed record OfficialOperator(string Name, string Forward, IReadOnlyList<string> Inputs, params IReadOnlyList<string> Outputs)
{
    /// <summary>Operator set of the official operator.</summary>
    public string Domain { get; init; } = "com.microsoft";

    /// <summary>The forward operator that the official runtime trains with in place of the original; null where it keeps that.</summary>
    public string? TrainedAs { get; init; }

    /// <summary>Attributes that are copied from the forward node, with their values where it has none; null copies all it has.</summary>
    public IReadOnlyList<(string Name, object Default)>? Attributes { get; init; }

    /// <summary>Cases that the operator is meant for.</summary>
    public Func<GradientCase, bool> Takes { get; init; } = static _ => true;

    /// <summary>Cases beside those of all gradients.</summary>
    public IReadOnlyList<GradientCase> OwnCases { get; init; } = [];

    /// <summary>A boolean output of the forward node that chance decides: both sides get the same in place of the node.</summary>
    public int? GivenOutput { get; init; }

    /// <summary>Cases that the official operator gets wrong.</summary>
    public Func<GradientCase, bool> GetsWrong { get; init; } = static _ => false;

    /// <summary>Why the official runtime can run the operator for no case at all; null when it can.</summary>
    public string? Unusable { get; init; }

    /// <summary>The name of its result for a case.</summary>
    public string ResultName(GradientCase @case) => $"{Name} of {@case.Name}";
}
