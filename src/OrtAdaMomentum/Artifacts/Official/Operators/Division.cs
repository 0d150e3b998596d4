using OrtAdaMomentum.Gradients;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>The gradient of a quotient, of <c>(dY, A, B)</c>.</summary>
internal static class Division
{
    public static readonly OfficialOperator Operator = new OfficialOperator("DivGrad", static node =>
    {
        var (g, a, b) = (node.Input(0), node.Input(1), node.Input(2));
        var share = g / b;
        return [Broadcasting.SumTo(share, a), Broadcasting.SumTo(-(share * (a / b)), b)];
    }).Like(1, 2);
}
