using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>The gradients of a case that the rules write down, run in ONNX Runtime as applications run them: optimised.</summary>
/// <param name="Precision">Element type that the graph ran in.</param>
/// <param name="ByInput">Gradients by index of the input; an input that no gradient reaches has none.</param>
internal sealed record AnalyticGradient(ElementType Precision, IReadOnlyDictionary<int, OrtTensor> ByInput)
{
    /// <summary>Differentiates in <paramref name="precision"/>, or in single precision where the gradient has no double kernel.</summary>
    public static AnalyticGradient Compute(GradientCase @case, CaseValues values, ElementType precision, ShapeKnowledge shapes, NumericGradient numeric)
    {
        try
        {
            return Run(@case, values, precision, shapes, numeric);
        }
        catch (OnnxRuntimeException error) when (precision == ElementType.Double && CaseSession.IsMissingKernel(error))
        {
            return Run(@case, values, ElementType.Float, shapes, numeric);
        }
    }

    private static AnalyticGradient Run(
        GradientCase @case, CaseValues values, ElementType precision, ShapeKnowledge shapes, NumericGradient numeric)
    {
        var model = CaseModel.Build(@case, values, precision, shapes, declareOutputs: false);
        var feeds = CaseModel.Feeds(@case, values, precision);
        var builder = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var loss = WriteLoss(@case, builder, shapes, numeric, feeds);
        string[] targets =
        [
            .. Enumerable.Range(0, @case.Inputs.Count).Where(index => @case.Inputs[index].Role == InputRole.Variable).Select(CaseModel.Input),
        ];
        var gradients = new Differentiator(builder, GradientRegistry.Default, GradientCase.Opset).Differentiate(loss, targets);
        if (gradients.Count == 0)
            return new AnalyticGradient(precision, new Dictionary<int, OrtTensor>());
        foreach (var (target, gradient) in gradients)
            builder.AddOutput(gradient, "d" + target, new TensorType(gradient.ElementType, null));
        UnusedNodes.Remove(model.Graph);
        TypeClaims.Verify(model, builder);

        foreach (string unused in feeds.Keys.Except(model.Graph.Input.Select(static input => input.Name)).ToList())
            feeds.Remove(unused);
        using var session = CaseSession.Open(model, feeds, optimize: true);
        var outputs = session.Run();
        return new AnalyticGradient(
            precision,
            outputs.ToDictionary(static pair => int.Parse(pair.Key.AsSpan(2), CultureInfo.InvariantCulture), static pair => pair.Value));
    }

    private static SymbolicTensor WriteLoss(
        GradientCase @case, GraphBuilder builder, ShapeKnowledge shapes, NumericGradient numeric, Dictionary<string, (Array, long[])> feeds)
    {
        SymbolicTensor? loss = null;
        for (int index = 0; index < @case.Outputs; index++)
        {
            if (!numeric.Weights.TryGetValue(CaseModel.Output(index), out double[]? weights))
                continue;
            var output = builder.Value(CaseModel.Output(index));
            long[] shape = numeric.Outputs[output.Name].Shape;
            string name = CaseModel.Weight(index);
            // The weights say no more about shapes than the model does, so that they do not give away what the rules should manage without.
            var weight = builder.AddInput(name, new TensorType(output.ElementType, CaseModel.Dimensions(shape, name, shapes)));
            feeds[name] = (CaseValues.ToArray(weights, output.ElementType), shape);
            var term = (output * weight).SumAll();
            loss = loss is null ? term : loss + term;
        }

        return loss ?? throw new InvalidOperationException($"Case {@case.Name} has no output that a loss can be made of.");
    }
}
