using OrtAdaMomentum.Gradients;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>The gradient of Dropout, of <c>(dY, mask, ratio, training_mode)</c>. The official kernel scales whatever the mode.</summary>
internal static class Dropout
{
    public static readonly OfficialOperator Operator = new OfficialOperator("DropoutGrad", static node =>
    {
        var g = node.Input(0);
        SymbolicTensor scale = node.ConstantNumbers(2) is [var ratio]
            ? g.Like(1 / (1 - ratio))
            : node.HasInput(2) ? 1 / (1 - node.Input(2).Cast(g.ElementType)) : g.Like(2);
        return [node.Input(1).Choose(g * scale, 0)];
    }).Like(0);
}
