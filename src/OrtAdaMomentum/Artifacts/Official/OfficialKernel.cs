using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>A gradient operator of the official runtime.</summary>
/// <param name="Forward">The operator whose gradient it computes.</param>
/// <param name="Inputs">What it takes.</param>
internal sealed record OfficialKernel(string Forward, Func<GradientContext, SymbolicTensor[]> Inputs)
{
    /// <summary>Its name.</summary>
    public Func<GradientContext, string> OperatorType { get; init; } = static node => node.OperatorType + "Grad";

    /// <summary>Domain of the forward operator.</summary>
    public string ForwardDomain { get; init; } = OnnxDomains.Standard;

    /// <summary>Attributes of the forward node that it takes over.</summary>
    public IReadOnlyList<string> Attributes { get; init; } = [];

    /// <summary>Whether it computes what the forward node calls for; ordinary operators do otherwise.</summary>
    public Func<GradientContext, bool> Applies { get; init; } = static _ => true;

    /// <summary>How many of the node's inputs, the first ones, it gives the gradients of.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>Whether those that nobody wants can be left out.</summary>
    public bool OutputsAreOptional { get; init; } = true;

    /// <summary>A rule that uses it where it can.</summary>
    public GradientRule Over(GradientRule ordinary) => ordinary with
    {
        Differentiate = node => IsSingle(node) && Applies(node) ? Write(node) : ordinary.Differentiate(node),
    };

    // Gradients of the second and third output, such as the statistics of a normalisation, are beyond these operators.
    private static bool IsSingle(GradientContext node) =>
        node.Input(0).ElementType == ElementType.Float && node.OutputGradient(0) is not null
        && Enumerable.Range(1, Math.Max(0, node.OutputCount - 1)).All(index => node.OutputGradient(index) is null);

    private SymbolicTensor?[] Write(GradientContext node)
    {
        var graph = node.Graph;
        var inputs = Inputs(node);
        string operatorType = OperatorType(node);
        string name = graph.NewValue(operatorType, node.Input(0).Name);
        var proto = new NodeProto { OpType = operatorType, Domain = OnnxDomains.Microsoft, Name = name, Input = { inputs.Select(static input => input.Name) } };
        proto.Attribute.AddRange(node.Forward.Attribute.Where(attribute => Attributes.Contains(attribute.Name)).Select(static attribute => attribute.Clone()));
        var names = new string[Outputs];
        for (int index = 0; index < Outputs; index++)
        {
            bool wanted = Outputs == 1 || !OutputsAreOptional || node.Needs(index);
            names[index] = !wanted ? string.Empty : index == 0 ? name : graph.NewValue(operatorType, node.Input(index).Name);
            proto.Output.Add(names[index]);
        }

        graph.Append(proto);
        return [.. names.Select(output => output.Length > 0 ? graph.Value(output) : null)];
    }
}
