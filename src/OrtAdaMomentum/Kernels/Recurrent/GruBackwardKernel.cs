using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>
/// The gradient of one direction of a GRU node. Inputs: what <see cref="GruForwardKernel"/> kept, weights of the hidden state, the node's
/// output; then, where given, its first hidden state, and the gradients of its outputs. Outputs: gradients of the inputs of the gates and of
/// the products of the hidden state, [steps, batch, gates × hidden], and of the first hidden state, [batch, hidden].
/// </summary>
internal sealed unsafe class GruBackwardKernel(RecurrentNode node) : Kernel
{
    private const int Gates = GruForward.Gates;

    private readonly Scratch _result = new();
    private readonly Scratch _productResult = new();
    private readonly Scratch _hiddenResult = new();

    public static KernelDefinition Definition { get; } = new(
        "GruBackward", KernelDefinition.Floats(6), KernelDefinition.Floats(3), static attributes => new GruBackwardKernel(new(attributes)))
    {
        RequiredInputs = 3,
    };

    public override void Compute(KernelContext context)
    {
        var extents = node.Extents(context.Shape(0), context.Shape(1), node.Index);
        long directions = node.Directions, steps = extents.Steps, batch = extents.Batch, hidden = extents.Hidden;
        nint state = node.Index * extents.StateLength, gates = extents.Steps * Gates * extents.StateLength;
        float* firstHidden = context.FloatsOrNull(3, [directions, batch, hidden]);
        float* gradient = context.FloatsOrNull(4, [steps, directions, batch, hidden]), lastHidden = context.FloatsOrNull(5, [directions, batch, hidden]);
        float* result = context.Output(0, [steps, batch, Gates * hidden]), productResult = context.Output(1, [steps, batch, Gates * hidden]);
        float* hiddenResult = context.Output(2, [batch, hidden]);
        GruBackward.Arguments arguments = new()
        {
            Extents = extents,
            Opened = context.Floats(0, [steps, batch, GruForward.Kept * hidden]),
            R = context.Floats(1, [directions, Gates * hidden, hidden]) + ((nint)node.Index * Gates * extents.Hidden * extents.Hidden),
            Y = context.Floats(2, [steps, directions, batch, hidden]) + state,
            InitialHidden = firstHidden == null ? null : firstHidden + state,
            Gradient = gradient == null ? null : gradient + state,
            LastHidden = lastHidden == null ? null : lastHidden + state,
            Result = result != null ? result : _result.Floats(gates),
            ProductResult = productResult != null ? productResult : _productResult.Floats(gates),
            HiddenResult = hiddenResult != null ? hiddenResult : _hiddenResult.Floats(extents.StateLength),
        };
        var scratch = SharedScratch.Take();
        GruBackward.Run(arguments, scratch, context.Threads);
        SharedScratch.Give(scratch);
    }

    public override void Dispose()
    {
        _result.Dispose();
        _productResult.Dispose();
        _hiddenResult.Dispose();
        base.Dispose();
    }
}
