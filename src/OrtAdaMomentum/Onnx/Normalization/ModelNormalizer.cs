using OrtAdaMomentum.Onnx.Batching;
using OrtAdaMomentum.Onnx.ControlFlow;
using OrtAdaMomentum.Onnx.Opsets;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Normalization;

/// <summary>
/// Brings a model into the one form that the rest of the library works with: standard operators of one version, no functions,
/// parameters as initializers, weights under one name, any number of samples at once.
/// </summary>
internal static class ModelNormalizer
{
    /// <summary>The operator set that gradients are written for.</summary>
    public const long TargetOpset = 21;

    /// <summary>The file format that goes with it.</summary>
    public const long TargetIrVersion = 10;

    /// <summary>A normalised copy of a model; the model itself is left as it is.</summary>
    public static ModelProto Normalize(ModelProto model, NormalizeOptions options) => Normalize(model, options, out _);

    /// <summary>A normalised copy of a model, with a report of what was done.</summary>
    /// <exception cref="OnnxModelException">Something in the model cannot be brought into the form; all such operators are named at once.</exception>
    public static ModelProto Normalize(ModelProto model, NormalizeOptions options, out NormalizationReport report)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        report = new NormalizationReport();
        ModelProto copy = model.Clone();

        TrainingInfoRemoval.Apply(copy, report);
        InitializerInputs.Apply(copy);
        FixedInputs.Apply(copy, options.Fix, report);
        NodeOpsets opsets = FunctionInlining.Apply(copy, options.MaxNodes, report);
        ConstantNodes.Apply(copy.Graph);
        // The runtime, which is asked what is constant, takes one version of the operators only.
        bool mixed = opsets.KnownTypes is not null;
        if (!mixed)
            StaticControlFlow.Apply(copy, opsets.OfModel, options, report);
        InitializerAliases.Apply(copy.Graph, report);
        RecurrentLayout.Apply(copy.Graph, opsets, report);
        OpsetConversion.Apply(copy, opsets, report);
        // Of older comparisons the runtime knows no shapes.
        if (mixed || opsets.OfModel != TargetOpset)
            StaticControlFlow.Apply(copy, TargetOpset, options, report);
        // Shapes that the exporter noted may be wrong by now, and the runtime finds them itself.
        copy.Graph.ValueInfo.Clear();

        IReadOnlyDictionary<string, TensorType> types = RuntimeTypes.Infer(copy);
        copy = options.FreeBatch ? BatchFreeing.Apply(copy, ref types, report) : copy;
        LayerNormalizationFusion.Apply(copy.Graph, types, report);
        types = SymbolicExtents.Name(copy, types);
        OutputTypes.Apply(copy.Graph, types);
        report.Types = types;
        return copy;
    }
}
