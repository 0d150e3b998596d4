using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Batching;

/// <summary>
/// Lets a model that was exported for one sample at a time take any number. What the rewriting assumes about the model is not
/// proved but tried: the result must give for two samples together what the model gives for each by itself, or it is discarded.
/// </summary>
internal static class BatchFreeing
{
    public static ModelProto Apply(ModelProto model, ref IReadOnlyDictionary<string, TensorType> types, NormalizationReport report)
    {
        ValueInfoProto[] inputs = [.. model.Graph.Input.Where(static input => TensorTypes.FromProto(input.Type)?.Rank > 0)];
        if (inputs.Length == 0)
            return model;
        if (inputs.Any(static input => !Leading(input).IsStatic))
        {
            report.BatchIsFree = true;
            return model;
        }

        if (inputs.FirstOrDefault(static input => !Leading(input).Is(1)) is { } fixedInput)
        {
            report.Note($"The batch stays fixed: input '{fixedInput.Name}' has the leading dimension {Leading(fixedInput)}, not 1.");
            return model;
        }

        // A list of one number beside the real data may be a setting; if taking it for data fails, it is left alone.
        ValueInfoProto[] tables = [.. inputs.Where(static input => TensorTypes.FromProto(input.Type)?.Rank > 1)];
        string failure = "";
        foreach (ValueInfoProto[] data in tables.Length > 0 && tables.Length < inputs.Length ? (ValueInfoProto[][])[inputs, tables] : [inputs])
        {
            try
            {
                (ModelProto freed, IReadOnlyDictionary<string, TensorType> freedTypes) = Free(model, types, data);
                types = freedTypes;
                report.BatchIsFree = true;
                report.Note("The model was exported for one sample at a time; for training it takes any number, which was tried with two.");
                return freed;
            }
            catch (OnnxModelException error)
            {
                failure = error.Message;
            }
        }

        report.Note($"The batch stays fixed at 1: {failure}");
        return model;
    }

    private static (ModelProto Model, IReadOnlyDictionary<string, TensorType> Types) Free(
        ModelProto model, IReadOnlyDictionary<string, TensorType> types, ValueInfoProto[] data)
    {
        ModelProto freed = model.Clone();
        foreach (ValueInfoProto output in freed.Graph.Output)
            output.Type = null;
        BatchRewrite rewrite = Rewrite(freed, types, data);

        string symbol = Symbol(types);
        foreach (ValueInfoProto input in freed.Graph.Input)
        {
            if (rewrite.AxisOf(input.Name) is { } axis)
                input.Type.TensorType.Shape.Dim[axis] = new TensorShapeProto.Types.Dimension { DimParam = symbol };
        }

        IReadOnlyDictionary<string, TensorType> freedTypes = RuntimeTypes.Infer(freed);
        BatchVerification.Verify(model, freed, rewrite.AxisOf);
        return (freed, freedTypes);
    }

    private static BatchRewrite Rewrite(ModelProto freed, IReadOnlyDictionary<string, TensorType> types, ValueInfoProto[] data)
    {
        while (true)
        {
            var rewrite = new BatchRewrite(freed.Graph, types);
            foreach (ValueInfoProto input in data)
                rewrite.Start(input.Name);
            if (rewrite.Run())
                return rewrite;
            types = RuntimeTypes.Infer(freed);
        }
    }

    private static string Symbol(IReadOnlyDictionary<string, TensorType> types)
    {
        var used = types.Values.SelectMany(static type => type.Shape ?? []).Select(static dimension => dimension.Symbol).ToHashSet();
        string symbol = "batch";
        for (int number = 1; used.Contains(symbol); number++)
            symbol = $"batch_{number}";
        return symbol;
    }

    private static Dimension Leading(ValueInfoProto input) => TensorTypes.FromProto(input.Type)!.Shape![0];
}
