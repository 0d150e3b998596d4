using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>
/// Inputs: those of a GRU node whose reset gate acts behind the product, but for the lengths of the sequences: input, weights of input and
/// hidden state, then, where given, biases and first hidden state. Outputs: those of the node; then for each direction what is kept for its
/// gradient, [steps, batch, <see cref="GruForward.Kept"/> × hidden].
/// </summary>
internal sealed unsafe class GruForwardKernel(RecurrentNode node) : Kernel
{
    private const int Gates = GruForward.Gates, Kept = GruForward.Kept;

    private readonly Scratch _y = new();
    private readonly Scratch _opened = new();

    public static KernelDefinition Definition { get; } = new(
        "GruForward", KernelDefinition.Floats(5), KernelDefinition.Floats(4), static attributes => new GruForwardKernel(new(attributes)))
    {
        RequiredInputs = 3,
    };

    public override void Compute(KernelContext context)
    {
        var input = context.Shape(0);
        var extents = node.Extents(input, context.Shape(2), direction: 0);
        long directions = node.Directions, steps = extents.Steps, batch = extents.Batch, hidden = extents.Hidden;
        float* w = context.Floats(1, [directions, Gates * hidden, extents.Inputs]), r = context.Floats(2, [directions, Gates * hidden, hidden]);
        float* bias = context.FloatsOrNull(3, [directions, 2 * Gates * hidden]), firstHidden = context.FloatsOrNull(4, [directions, batch, hidden]);
        float* y = context.Output(0, [steps, directions, batch, hidden]), lastHidden = context.Output(1, [directions, batch, hidden]);
        nint all = extents.Steps * extents.StateLength;
        y = y != null ? y : _y.Floats(node.Directions * all);

        var scratch = SharedScratch.Take();
        for (int direction = 0; direction < node.Directions; direction++)
        {
            float* opened = context.Output(2 + direction, [steps, batch, Kept * hidden]);
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
                Opened = opened != null ? opened : _opened.Floats(Kept * all),
            };
            GruForward.Run(new() { Sequence = sequence }, scratch, context.Threads);
            sequence.Extents.CopyLast(
                sequence.Y, extents.OutputStride, sequence.InitialHidden, lastHidden == null ? null : lastHidden + state);
        }

        SharedScratch.Give(scratch);
    }

    public override void Dispose()
    {
        _y.Dispose();
        _opened.Dispose();
        base.Dispose();
    }
}
