using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Elementwise;

/// <summary>Dropout: what the forward pass kept lets the gradient through, scaled as it was; what it dropped does not.</summary>
internal static class DropoutGradient
{
    public static readonly GradientRule Rule = new("Dropout", static node =>
    {
        var (x, g) = (node.Input(0), node.Gradient);
        bool? training = node.HasInput(2) ? node.ConstantBooleans(2)?[0] : false;
        if (training == false)
            return [g];

        SymbolicTensor scale = node.ConstantNumbers(1) is [var ratio]
            ? x.Like(1 / (1 - ratio))
            : node.HasInput(1) ? 1 / (1 - node.Input(1).Cast(x.ElementType)) : x.Like(2);
        if (training is null)
            scale = node.Input(2).Choose(scale, 1); // Decided at run time; the mask is then all true.
        var mask = node.RequireOutput(1, new TensorType(ElementType.Bool, x.Type.Shape));
        return [mask.Choose(g * scale, 0)];
    })
    {
        SteeringInputs = [1, 2],
    };
}
