using OrtAdaMomentum.Kernels.Runtime;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Kernels;

/// <summary>An operator that this library computes.</summary>
/// <param name="Name">Name of the operator.</param>
/// <param name="Inputs">Types of its inputs.</param>
/// <param name="Outputs">Types of its outputs, each of which may be left out.</param>
/// <param name="Create">Makes the kernel of a node.</param>
internal sealed record KernelDefinition(
    string Name, IReadOnlyList<ElementType> Inputs, IReadOnlyList<ElementType> Outputs, Func<KernelAttributes, Kernel> Create)
{
    /// <summary>How many of the inputs must be given; those after them may be left out.</summary>
    public int RequiredInputs { get; init; } = Inputs.Count;

    /// <summary>Whether the first output may take over the memory of the first input, element for element.</summary>
    public bool InPlace { get; init; }

    /// <summary>
    /// Whether the kernel is faster than the ordinary nodes for what is offered, as far as that can be told before the graph runs.
    /// </summary>
    public Func<OfferedNode, bool> Wins { get; init; } = static _ => true;

    /// <summary>Types of that many tensors of floats.</summary>
    public static IReadOnlyList<ElementType> Floats(int count) => [.. Enumerable.Repeat(ElementType.Float, count)];
}
