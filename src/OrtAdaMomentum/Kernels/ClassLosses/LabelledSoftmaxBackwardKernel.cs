using OrtAdaMomentum.Kernels.Runtime;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Kernels.ClassLosses;

/// <summary>
/// Inputs: scores, labels, factor of the softmax, what the label loses; then, where given, what each class loses times its weight, the
/// weights, greatest score and sum of exponentials. Without the last two the scores are logarithms of shares. All but scores and weights
/// have one element for each position; what is no integer may also have one for all. Output: gradient of the scores. Attribute: <c>axis</c>,
/// that of the classes.
/// </summary>
internal sealed unsafe class LabelledSoftmaxBackwardKernel(int axis) : Kernel
{
    private const int Greatest = 6, Sum = 7;

    public static KernelDefinition Definition { get; } = new(
        "LabelledSoftmaxBackward", [ElementType.Float, ElementType.Int64, .. KernelDefinition.Floats(6)], KernelDefinition.Floats(1),
        static node => new LabelledSoftmaxBackwardKernel((int)node.Integer("axis", 0)))
    {
        RequiredInputs = 4,
        InPlace = true,
    };

    public override void Compute(KernelContext context)
    {
        var shape = context.Shape(0);
        var extents = ClassExtents.Of(shape, axis);
        extents.Check(new(context.Longs(1), checked((int)context.Shape(1).Count)));
        bool ofScores = context.HasInput(Greatest);
        LabelledSoftmaxBackward.Arguments arguments = new()
        {
            Extents = extents,
            Scores = context.Floats(0),
            Labels = context.Longs(1),
            Share = Values(context, 2, extents.Positions),
            OfLabel = Values(context, 3, extents.Positions),
            OfAll = context.HasInput(4) ? Values(context, 4, extents.Positions) : default,
            Weights = context.FloatsOrNull(5, extents.Classes),
            Greatest = ofScores ? context.Floats(Greatest, extents.Positions) : null,
            Sum = ofScores ? context.Floats(Sum, extents.Positions) : null,
            Result = context.Output(0, shape.AsSpan()),
        };
        LabelledSoftmaxBackward.Run(arguments, context.Threads);
    }

    private static LabelledSoftmaxBackward.PerPosition Values(KernelContext context, int input, nint positions)
    {
        bool same = context.Shape(input).Count == 1;
        return new(same ? context.Floats(input) : context.Floats(input, positions), same);
    }
}
