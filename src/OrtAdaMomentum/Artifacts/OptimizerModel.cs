using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Artifacts;

/// <summary>
/// The AdaMomentum step as a graph of ordinary operators over flat buffers, for any execution provider. It computes what
/// <see cref="AdaMomentum"/> computes; the host's own step is faster on the CPU.
/// </summary>
/// <remarks>
/// Inputs: <c>parameters</c>, <c>gradients</c>, <c>first_moment</c>, <c>second_moment</c> (float[n]), <c>learning_rate</c> (float scalar) and
/// <c>step</c> (int64 scalar, 1 for the first); with AMSGrad also <c>max_second_moment</c>. Outputs: the same tensors with <c>_out</c> behind
/// their names. Scalars of the step are computed in double and rounded once.
/// </remarks>
internal static class OptimizerModel
{
    public static ModelProto Build(AdaMomentumOptions options)
    {
        var model = new ModelProto { IrVersion = 10, ProducerName = "OrtAdaMomentum", Graph = new GraphProto { Name = "adamomentum_step" } };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = string.Empty, Version = 21 });
        var graph = new GraphBuilder(model.Graph, new Dictionary<string, TensorType>());
        var flat = new TensorType(ElementType.Float, [Dimension.Named("n")]);

        var parameters = graph.AddInput("parameters", flat);
        var gradients = graph.AddInput("gradients", flat);
        var first = graph.AddInput("first_moment", flat);
        var second = graph.AddInput("second_moment", flat);
        var greatest = options.AmsGrad ? graph.AddInput("max_second_moment", flat) : null;
        var rate = graph.AddInput("learning_rate", TensorType.Of(ElementType.Float)).Cast(ElementType.Double);
        var step = graph.AddInput("step", TensorType.Of(ElementType.Int64)).Cast(ElementType.Double);

        if (options.WeightDecay > 0 && options.WeightDecayMode == WeightDecayMode.Coupled)
            gradients += options.WeightDecay * parameters;
        var decayed = options.WeightDecay > 0 && options.WeightDecayMode == WeightDecayMode.Decoupled
            ? parameters * (1 - rate * options.WeightDecay).Cast(ElementType.Float)
            : parameters;

        var m = options.Beta1 * first + (1 - options.Beta1) * gradients;
        var v = options.Beta2 * second + (1 - options.Beta2) * (m * m) + options.Epsilon;
        var divisor = greatest is null ? v : graph.Node("Max", [greatest, v], flat);

        var correction1 = 1 - Power(options.Beta1, step);
        var correction2 = 1 - Power(options.Beta2, step);
        SymbolicTensor updated;
        if (options.Rectify)
        {
            var (isRectified, size) = Rectification(options, step, correction1, correction2);
            var adaptive = m / (v.Sqrt() + options.Epsilon) * (rate * size).Cast(ElementType.Float);
            var plain = m * (rate / correction1).Cast(ElementType.Float);
            updated = decayed - isRectified.Choose(adaptive, plain);
        }
        else
        {
            updated = decayed - m / divisor.Sqrt() * (rate * correction2.Sqrt() / correction1).Cast(ElementType.Float);
        }

        graph.AddOutput(updated, "parameters_out");
        graph.AddOutput(m, "first_moment_out");
        graph.AddOutput(v, "second_moment_out");
        if (greatest is not null)
            graph.AddOutput(divisor, "max_second_moment_out");
        return model;
    }

    private static SymbolicTensor Power(double decay, SymbolicTensor step) => step.Like(decay).Pow(step);

    /// <summary>The length of the moving average and the step size of RAdam, as the authors' code has them.</summary>
    private static (SymbolicTensor IsRectified, SymbolicTensor Size) Rectification(
        AdaMomentumOptions options, SymbolicTensor step, SymbolicTensor correction1, SymbolicTensor correction2)
    {
        double longest = 2 / (1 - options.Beta2) - 1;
        var length = longest - 2 * step * Power(options.Beta2, step) / correction2;
        var isRectified = length.IsGreaterThan(5).Or(length.IsEqualTo(length.Like(5)));
        // Where the average is too short the root would be of a negative number; that branch is not taken.
        var safe = isRectified.Choose(length, 5);
        var size = (correction2 * (safe - 4) / (longest - 4) * (safe - 2) / safe * longest / (longest - 2)).Sqrt() / correction1;
        return (isRectified, size);
    }
}
