using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official.Kernels;

/// <summary>A gradient operator of the official runtime.</summary>
/// <param name="Forward">The operator whose gradient it computes.</param>
/// <param name="Inputs">What it takes; a null is left out.</param>
internal sealed record OfficialKernel(string Forward, Func<GradientContext, SymbolicTensor?[]> Inputs)
{
    /// <summary>Its name.</summary>
    public Func<GradientContext, string> OperatorType { get; init; } = static node => node.OperatorType + "Grad";

    /// <summary>Its operator set.</summary>
    public string Domain { get; init; } = OnnxDomains.Microsoft;

    /// <summary>Domain of the forward operator.</summary>
    public string ForwardDomain { get; init; } = OnnxDomains.Standard;

    /// <summary>Attributes of the forward node that it takes over.</summary>
    public IReadOnlyList<string> Attributes { get; init; } = [];

    /// <summary>An attribute that it has to be told, or of which the two operators have other defaults.</summary>
    public Func<GradientContext, (string Name, AttributeValue Value)>? Attribute { get; init; }

    /// <summary>The operator that takes the place of the forward one in the training model, with more outputs; null where that stays.</summary>
    public string? TrainedAs { get; init; }

    /// <summary>Attributes of the forward operator that <see cref="TrainedAs"/> does not have, and that change nothing where this applies.</summary>
    public IReadOnlyList<string> AttributesOfForwardAlone { get; init; } = [];

    /// <summary>Whether it computes what the forward node calls for; ordinary operators do otherwise.</summary>
    public Func<GradientContext, bool> Applies { get; init; } = static _ => true;

    /// <summary>The inputs of the forward node that its outputs are the gradients of.</summary>
    public IReadOnlyList<int> Outputs { get; init; } = [0];

    /// <summary>Those of them that it writes whether anybody wants them or not, even where the forward node lacks the input.</summary>
    public IReadOnlyList<int> AlwaysWritten { get; init; } = [];

    /// <summary>How many outputs of the forward node, the first ones, it takes the gradients of.</summary>
    public int GradientsTaken { get; init; } = 1;

    /// <summary>Whether it learns the shape of its output from what the graph declares, which therefore has to be fixed.</summary>
    public bool ReadsDeclaredShape { get; init; }

    /// <summary>A rule that uses it where it can.</summary>
    public GradientRule Over(GradientRule ordinary) => ordinary with
    {
        Differentiate = node => CanWrite(node) ? Write(node) : ordinary.Differentiate(node),
    };

    // Graphs inside nodes keep ordinary operators: what reads official artifacts looks at the outermost graph.
    private bool CanWrite(GradientContext node) =>
        !node.Graph.IsBody && node.Input(0).ElementType == ElementType.Float && TakesAllGradients(node)
        && (!ReadsDeclaredShape || node.Input(0).Type.StaticShape is not null) && Applies(node);

    private bool TakesAllGradients(GradientContext node) =>
        Enumerable.Range(0, node.OutputCount).All(index => index < GradientsTaken || node.OutputGradient(index) is null)
        && Enumerable.Range(0, GradientsTaken).Any(index => node.OutputGradient(index) is not null);

    private SymbolicTensor?[] Write(GradientContext node)
    {
        var graph = node.Graph;
        var inputs = Inputs(node);
        string operatorType = OperatorType(node);
        var proto = new NodeProto { OpType = operatorType, Domain = Domain };
        proto.Input.AddRange(inputs.Select(static input => input?.Name ?? string.Empty));
        while (proto.Input[^1].Length == 0)
            proto.Input.RemoveAt(proto.Input.Count - 1);
        proto.Attribute.AddRange(node.Forward.Attribute.Where(attribute => Attributes.Contains(attribute.Name)).Select(static attribute => attribute.Clone()));
        if (Attribute?.Invoke(node) is var (attributeName, value))
            proto.Attribute.Add(value.ToProto(attributeName));

        var gradients = new SymbolicTensor?[Outputs.Max() + 1];
        var names = new string[Outputs.Count];
        for (int output = 0; output < names.Length; output++)
        {
            int input = Outputs[output];
            bool written = Outputs.Count == 1 || AlwaysWritten.Contains(input) || node.Needs(input);
            names[output] = written ? graph.NewValue(operatorType, (node.HasInput(input) ? node.Input(input) : node.Input(0)).Name) : string.Empty;
            if (written && node.HasInput(input))
                gradients[input] = graph.Value(names[output]).WithType(node.Input(input).Type);
        }

        proto.Name = names.First(static name => name.Length > 0);
        proto.Output.AddRange(names.Take(Array.FindLastIndex(names, static name => name.Length > 0) + 1));
        graph.Append(proto);
        if (ReadsDeclaredShape)
            graph.Declare(gradients[0]!);
        // The reader of the graph cannot tell the rank of what has been summed over axes that are found at run time.
        foreach (var given in Enumerable.Range(0, node.OutputCount).Select(node.OutputGradient))
        {
            if (given?.Type.Shape is not null)
                graph.Declare(given);
        }

        if (TrainedAs is not null)
            ChangeForward(node.Forward, TrainedAs);
        return gradients;
    }

    private void ChangeForward(NodeProto forward, string trainedAs)
    {
        (forward.OpType, forward.Domain) = (trainedAs, OnnxDomains.Microsoft);
        foreach (string attribute in AttributesOfForwardAlone)
            forward.RemoveAttribute(attribute);
    }
}
