using OrtAdaMomentum.Kernels.Runtime;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Kernels.ClassLosses;

/// <summary>
/// Inputs: scores, labels, and one weight for each class, 1 where left out. Outputs, all in the shape of the labels: the logarithm of the
/// softmax at the label, greatest score and sum of exponentials, weighted sum of the logarithms of all classes. Attribute: <c>axis</c>, that
/// of the classes.
/// </summary>
internal sealed unsafe class LabelLogProbabilityKernel(int axis) : Kernel
{
    private readonly Scratch _unread = new();

    public static KernelDefinition Definition { get; } = new(
        "LabelLogProbability", [ElementType.Float, ElementType.Int64, ElementType.Float], KernelDefinition.Floats(4),
        static node => new LabelLogProbabilityKernel((int)node.Integer("axis", 0)))
    {
        RequiredInputs = 2,
    };

    public override void Compute(KernelContext context)
    {
        var extents = ClassExtents.Of(context.Shape(0), axis);
        var positions = context.Shape(1);
        extents.Check(new(context.Longs(1), checked((int)positions.Count)));
        if (extents.Classes == 0)
            throw new FineTuningException("There are no classes.");
        float* ofLabel = context.Output(0, positions.AsSpan()), greatest = context.Output(1, positions.AsSpan());
        float* sum = context.Output(2, positions.AsSpan()), ofAll = context.Output(3, positions.AsSpan());
        float* unread = _unread.Floats(2 * extents.Positions);
        LabelLogProbability.Arguments arguments = new()
        {
            Extents = extents,
            Scores = context.Floats(0),
            Labels = context.Longs(1),
            Weights = context.FloatsOrNull(2, extents.Classes),
            OfLabel = ofLabel,
            Greatest = greatest != null ? greatest : unread,
            Sum = sum != null ? sum : unread + extents.Positions,
            OfAll = ofAll,
        };
        LabelLogProbability.Run(arguments, context.Threads);
    }

    public override void Dispose()
    {
        _unread.Dispose();
        base.Dispose();
    }
}
