namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>One node whose gradients are checked.</summary>
/// <param name="Operator">The operator.</param>
/// <param name="Description">What is special about this case; unique for the operator.</param>
/// <param name="Inputs">The node's inputs <c>x0</c>, <c>x1</c> and so on.</param>
internal sealed record GradientCase(string Operator, string Description, params IReadOnlyList<CaseInput> Inputs)
{
    /// <summary>The opset that rules are written for, and cases where they say nothing else.</summary>
    public const long Opset = 21;

    /// <summary>The opset of the case: a newer one is brought to that of the rules before it is differentiated, not where it is only run.</summary>
    public long ModelOpset { get; init; } = Opset;

    public string Domain { get; init; } = string.Empty;

    public IReadOnlyList<(string Name, object Value)> Attributes { get; init; } = [];

    /// <summary>Number of outputs <c>y0</c>, <c>y1</c> and so on.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>Outputs that the loss does not depend on, besides those without floating-point values.</summary>
    public IReadOnlyList<int> UnusedOutputs { get; init; } = [];

    /// <summary>Why the case cannot run with symbolic dimensions; null when it can.</summary>
    public string? StaticOnly { get; init; }

    /// <summary>Why the case must run in single precision though a double kernel exists; null when it need not.</summary>
    public string? SingleOnly { get; init; }

    /// <summary>Why differences cannot tell the gradient (a kink, where a convention decides); null when they can.</summary>
    public string? NoDifferences { get; init; }

    /// <summary>Why PyTorch has no counterpart to compare with; null when it has.</summary>
    public string? NoTorch { get; init; }

    public string Name => $"{(Domain.Length == 0 ? Operator : $"{Domain}.{Operator}")}/{Description}";

    /// <summary>The case with attributes: long, int, float, string, bool or arrays of them.</summary>
    public GradientCase With(params (string Name, object Value)[] attributes) => this with { Attributes = attributes };

    public override string ToString() => Name;
}
