using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>Gradients of convolutions, of <c>(dY, X, W)</c>: input, filter, bias.</summary>
internal static class Convolution
{
    public static readonly OfficialOperator Conv = new OfficialOperator("ConvGrad", static node => Rewrite(node, "Conv")).Like(1, 2);

    public static readonly OfficialOperator ConvTranspose =
        new OfficialOperator("ConvTransposeGrad", static node => Rewrite(node, "ConvTranspose")).Like(1, 2);

    private static SymbolicTensor?[] Rewrite(OfficialNode node, string operatorType)
    {
        var (g, x, filter) = (node.Input(0), node.Input(1), node.Input(2));
        // The real forward node, so that a kernel can be offered for it too.
        var forward = node.Index.Reader(operatorType, x.Name, filter.Name) is { } found && SameAttributes(found, node)
            ? found
            : node.Forward(operatorType, [x, filter], node.Compute(operatorType, [x, filter], like: 0));
        var gradients = node.Differentiate(forward, [0, 1], g);
        int[] others = [0, .. Enumerable.Range(2, g.Rank - 2)];
        return [gradients[0], gradients[1], node.HasOutput(2) ? g.ReduceSum(others, keepDimensions: false) : null];
    }

    private static bool SameAttributes(NodeProto forward, OfficialNode node) =>
        node.Proto.Attribute.All(attribute => forward.Attribute.Contains(attribute));
}
