using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>Quantising and dequantising at once, with a mask of what lies in the range, and the straight-through gradient.</summary>
internal static class Quantization
{
    public static readonly OfficialOperator[] All =
    [
        new("FakeQuant", static node =>
        {
            var (x, scale, zero) = (node.Input(0), node.Input(1), node.Input(2));
            var whole = (x / scale).Unary("Round") + zero;
            var (lowest, highest) = (node.Integer("quant_min", 0), node.Integer("quant_max", 255));
            var limited = node.Graph.Node("Clip", [whole, whole.Like(lowest), whole.Like(highest)], x.Type);
            return [((limited - zero) * scale).WithType(x.Type), whole.IsEqualTo(limited)];
        })
        {
            StandIn = static standIn =>
            {
                standIn.Like(0, standIn.Input(0));
                standIn.Typed(1, new TensorType(ElementType.Bool, null));
            },
        },
        new OfficialOperator("FakeQuantGrad", static node => [node.Input(1).Choose(node.Input(0), 0)]).Like(0),
    ];
}
