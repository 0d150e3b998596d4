using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>
/// The gradient of one direction of an LSTM node. Inputs: what the gates let through and the memory, as <see cref="LstmForwardKernel"/> gives
/// them, weights of the hidden state; then, where given, the node's first memory, and the gradients of its outputs. Outputs: gradients of the
/// inputs of the gates, [steps, batch, gates × hidden], of first hidden state and of first memory, [batch, hidden].
/// </summary>
internal sealed unsafe class LstmBackwardKernel(RecurrentNode node) : Kernel
{
    private const int Gates = LstmForward.Gates;

    private readonly Scratch _result = new();
    private readonly Scratch _cellResult = new();

    public static KernelDefinition Definition { get; } = new(
        "LstmBackward", KernelDefinition.Floats(7), KernelDefinition.Floats(3), static attributes => new LstmBackwardKernel(new(attributes)))
    {
        RequiredInputs = 3,
    };

    public override void Compute(KernelContext context)
    {
        var extents = node.Extents(context.Shape(1), context.Shape(2), node.Index);
        long directions = node.Directions, steps = extents.Steps, batch = extents.Batch, hidden = extents.Hidden;
        nint state = node.Index * extents.StateLength;
        float* firstCell = context.FloatsOrNull(3, [directions, batch, hidden]);
        float* gradient = context.FloatsOrNull(4, [steps, directions, batch, hidden]);
        float* lastHidden = context.FloatsOrNull(5, [directions, batch, hidden]), lastCell = context.FloatsOrNull(6, [directions, batch, hidden]);
        float* result = context.Output(0, [steps, batch, Gates * hidden]), cellResult = context.Output(2, [batch, hidden]);
        LstmBackward.Arguments arguments = new()
        {
            Extents = extents,
            Opened = context.Floats(0, [steps, batch, Gates * hidden]),
            Cells = context.Floats(1, [steps, batch, hidden]),
            R = context.Floats(2, [directions, Gates * hidden, hidden]) + ((nint)node.Index * Gates * extents.Hidden * extents.Hidden),
            InitialCell = firstCell == null ? null : firstCell + state,
            Gradient = gradient == null ? null : gradient + state,
            LastHidden = lastHidden == null ? null : lastHidden + state,
            LastCell = lastCell == null ? null : lastCell + state,
            Result = result != null ? result : _result.Floats(extents.Steps * Gates * extents.StateLength),
            HiddenResult = context.Output(1, [batch, hidden]),
            CellResult = cellResult != null ? cellResult : _cellResult.Floats(extents.StateLength),
        };
        var scratch = SharedScratch.Take();
        LstmBackward.Run(arguments, scratch, context.Threads);
        SharedScratch.Give(scratch);
    }

    public override void Dispose()
    {
        _result.Dispose();
        _cellResult.Dispose();
        base.Dispose();
    }
}
