using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;
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
        catch (Exception error) when (
            error is OnnxRuntimeException or OnnxModelException && precision == ElementType.Double && CaseSession.IsMissingKernel(error))
        {
            return Run(@case, values, ElementType.Float, shapes, numeric);
        }
    }

    /// <summary>The model of the gradients alone, in any floating-point type; without outputs where no gradient reaches any input.</summary>
    /// <param name="case">The case.</param>
    /// <param name="values">Its values.</param>
    /// <param name="precision">Element type.</param>
    /// <param name="shapes">What the model says about shapes.</param>
    /// <param name="numeric">Outputs and their factors.</param>
    /// <param name="otherRules">Rules that may write operators which the stock runtime does not know; null takes the usual ones.</param>
    public static ModelProto Write(
        GradientCase @case, CaseValues values, ElementType precision, ShapeKnowledge shapes, NumericGradient numeric, GradientRegistry? otherRules = null)
    {
        bool converts = @case.ModelOpset != GradientCase.Opset;
        var model = CaseModel.Build(@case, values, precision, shapes, declareOutputs: converts);
        if (converts)
        {
            model = ModelNormalizer.Normalize(model, new NormalizeOptions { FreeBatch = false });
            model.Graph.Output.Clear();
        }

        var builder = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var loss = WriteLoss(@case, builder, shapes, numeric);
        string[] targets =
        [
            .. Enumerable.Range(0, @case.Inputs.Count).Where(index => @case.Inputs[index].Role == InputRole.Variable).Select(CaseModel.Input),
        ];
        var gradients = new Differentiator(builder, otherRules ?? GradientRegistry.Default, GradientCase.Opset).Differentiate(loss, targets);
        foreach (var (target, gradient) in gradients)
            builder.AddOutput(gradient, "d" + target, new TensorType(gradient.ElementType, null));
        UnusedNodes.Remove(model.Graph);
        builder.WriteDeclarations(new Dictionary<string, string>());
        if (gradients.Count > 0 && otherRules is null)
            TypeClaims.Verify(model, builder);
        KernelOffers.Write(model, builder.Offers, new Dictionary<string, string>());
        return model;
    }

    /// <summary>Values for the inputs of the model that <see cref="Write"/> gives.</summary>
    public static Dictionary<string, (Array Data, long[] Shape)> Feeds(
        GradientCase @case, CaseValues values, ElementType precision, NumericGradient numeric)
    {
        var feeds = CaseModel.Feeds(@case, values, precision);
        foreach (var (output, weights) in numeric.Weights)
        {
            var tensor = numeric.Outputs[output];
            var type = tensor.Data is double[] && @case.SingleOnly is not null ? ElementType.Double : precision;
            feeds[CaseModel.Weight(output)] = (CaseValues.ToArray(weights, type), tensor.Shape);
        }

        return feeds;
    }

    private static AnalyticGradient Run(
        GradientCase @case, CaseValues values, ElementType precision, ShapeKnowledge shapes, NumericGradient numeric)
    {
        var model = Write(@case, values, precision, shapes, numeric);
        if (model.Graph.Output.Count == 0)
            return new AnalyticGradient(precision, new Dictionary<int, OrtTensor>());
        using var session = CaseSession.Open(model, Feeds(@case, values, precision, numeric), optimize: true);
        var outputs = session.Run();
        return new AnalyticGradient(
            precision,
            outputs.ToDictionary(static pair => int.Parse(pair.Key.AsSpan(2), CultureInfo.InvariantCulture), static pair => pair.Value));
    }

    private static SymbolicTensor WriteLoss(GradientCase @case, GraphBuilder builder, ShapeKnowledge shapes, NumericGradient numeric)
    {
        SymbolicTensor? loss = null;
        foreach (string output in numeric.Weights.Keys)
        {
            var value = builder.Value(output);
            string name = CaseModel.Weight(output);
            // The weights say no more about shapes than the model does, so that they do not give away what the rules should manage without.
            var weight = builder.AddInput(name, new TensorType(value.ElementType, CaseModel.Dimensions(numeric.Outputs[output].Shape, name, shapes)));
            var term = (value * weight).SumAll();
            loss = loss is null ? term : loss + term;
        }

        return loss ?? throw new InvalidOperationException($"Case {@case.Name} has no output that a loss can be made of.");
    }
}
