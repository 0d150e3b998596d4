using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>
/// Inputs: those of an LSTM node, but for the lengths of the sequences and the peepholes: input, weights of input and hidden state, then,
/// where given, biases, first hidden state and first memory. Outputs: those of the node; then for each direction what its gates let through,
/// [steps, batch, gates × hidden], and its memory behind each step, [steps, batch, hidden].
/// </summary>
internal sealed unsafe class LstmForwardKernel(RecurrentNode node) : Kernel
{
    private const int Gates = LstmForward.Gates;

    private readonly Scratch _y = new();
    private readonly Scratch _opened = new();
    private readonly Scratch _cells = new();

    public static KernelDefinition Definition { get; } = new(
        "LstmForward", KernelDefinition.Floats(6), KernelDefinition.Floats(7), static attributes => new LstmForwardKernel(new(attributes)))
    {
        RequiredInputs = 3,
    };

    public override void Compute(KernelContext context)
    {
        var input = context.Shape(0);
        var extents = node.Extents(input, context.Shape(2), direction: 0);
        long directions = node.Directions, steps = extents.Steps, batch = extents.Batch, hidden = extents.Hidden;
        float* w = context.Floats(1, [directions, Gates * hidden, extents.Inputs]), r = context.Floats(2, [directions, Gates * hidden, hidden]);
        float* bias = context.FloatsOrNull(3, [directions, 2 * Gates * hidden]);
        float* firstHidden = context.FloatsOrNull(4, [directions, batch, hidden]), firstCell = context.FloatsOrNull(5, [directions, batch, hidden]);
        float* y = context.Output(0, [steps, directions, batch, hidden]);
        float* lastHidden = context.Output(1, [directions, batch, hidden]), lastCell = context.Output(2, [directions, batch, hidden]);
        nint all = extents.Steps * extents.StateLength;
        y = y != null ? y : _y.Floats(node.Directions * all);

        var scratch = SharedScratch.Take();
        for (int direction = 0; direction < node.Directions; direction++)
        {
            float* opened = context.Output(3 + (2 * direction), [steps, batch, Gates * hidden]);
            float* cells = context.Output(4 + (2 * direction), [steps, batch, hidden]);
            nint state = direction * extents.StateLength;
            ForwardSequence sequence = new()
            {
                Extents = node.Extents(input, context.Shape(2), direction),
                X = context.Floats(0),
                W = w + ((nint)direction * Gates * extents.Hidden * extents.Inputs),
                R = r + ((nint)direction * Gates * extents.Hidden * extents.Hidden),
                Bias = bias == null ? null : bias + (direction * 2 * Gates * extents.Hidden),
                InitialHidden = firstHidden == null ? null : firstHidden + state,
                Y = y + state,
                Opened = opened != null ? opened : _opened.Floats(Gates * all),
            };
            LstmForward.Arguments arguments = new()
            {
                Sequence = sequence,
                InitialCell = firstCell == null ? null : firstCell + state,
                Cells = cells != null ? cells : _cells.Floats(all),
            };
            LstmForward.Run(arguments, scratch, context.Threads);
            sequence.Extents.CopyLast(
                sequence.Y, extents.OutputStride, sequence.InitialHidden, lastHidden == null ? null : lastHidden + state);
            sequence.Extents.CopyLast(arguments.Cells, extents.StateLength, arguments.InitialCell, lastCell == null ? null : lastCell + state);
        }

        SharedScratch.Give(scratch);
    }

    public override void Dispose()
    {
        _y.Dispose();
        _opened.Dispose();
        _cells.Dispose();
        base.Dispose();
    }
}
