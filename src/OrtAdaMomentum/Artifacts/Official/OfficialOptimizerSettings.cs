using System.Globalization;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>What an official optimizer model does in a step.</summary>
public sealed record OfficialOptimizerSettings
{
    /// <summary>The step of <c>AdamWOptimizer</c>; null where the model has <c>SGDOptimizerV2</c>, which has no options.</summary>
    public AdamWOptions? AdamW { get; init; }

    /// <summary>The norm that all gradients together are clipped to (<c>InplaceClipGradNorm</c>); null where they are not.</summary>
    public double? MaximumGradientNorm { get; init; }

    /// <summary>The name of this library's optimizer that does the same.</summary>
    public string Name => AdamW is null ? "sgd" : "adamw";

    internal static OfficialOptimizerSettings Read(OnnxModel model)
    {
        var nodes = model.Proto.Graph.Node;
        NodeProto[] steps = [.. nodes.Where(static node => node.OpType is "AdamWOptimizer" or "SGDOptimizerV2")];
        if (steps is not [var step])
            throw new FineTuningException($"{model.Source}: an optimizer model has one AdamWOptimizer or SGDOptimizerV2, this one has {steps.Length}.");
        var clip = nodes.FirstOrDefault(static node => node.OpType == "InplaceClipGradNorm");
        return new OfficialOptimizerSettings
        {
            MaximumGradientNorm = clip?.FloatOr("max_norm", 1),
            AdamW = step.OpType == "SGDOptimizerV2"
                ? null
                : new AdamWOptions
                {
                    Beta1 = Decimal(step.FloatOr("alpha", 0.9f)),
                    Beta2 = Decimal(step.FloatOr("beta", 0.999f)),
                    Epsilon = Decimal(step.FloatOr("epsilon", 1e-8f)),
                    WeightDecay = Decimal(step.FloatOr("weight_decay", 1e-2f)),
                    CorrectsBias = step.IntOr("correct_bias", 1) != 0,
                    Form = step.IntOr("adam_mode", 0) == 1 ? AdamWForm.HuggingFace : AdamWForm.PyTorch,
                },
        };
    }

    /// <summary>The number that was meant: the file has singles, and 0.9 as a single is not 0.9.</summary>
    private static double Decimal(float value) => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
