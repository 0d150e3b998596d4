using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Loading;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>Refuses to write what would not be read.</summary>
internal static class OfficialCheckpointCheck
{
    public static void Require(OfficialCheckpoint checkpoint, string target)
    {
        var parameters = checkpoint.TrainableParameters.Concat(checkpoint.FrozenParameters).ToList();
        Names(parameters.Select(static tensor => tensor.Name), "parameter", target);
        foreach (var tensor in parameters)
            Tensor(tensor, checkpoint.IsNominal, target);
        Names(checkpoint.Properties.Names, "property", target);
        foreach (var group in checkpoint.OptimizerGroups)
        {
            Names([group.Name], "optimizer group", target);
            Names(group.States.Select(static state => state.Parameter), $"state in optimizer group '{group.Name}'", target);
            if (group.Step < 0)
                throw new FineTuningException($"{target}: optimizer group '{group.Name}' has taken {group.Step} steps.");
            foreach (var state in group.States)
            {
                Names(state.Moments.Select(static moment => moment.Name), $"moment of '{state.Parameter}'", target);
                foreach (var moment in state.Moments)
                {
                    if (moment.IsExternal)
                        throw new FineTuningException($"{target}: '{moment.Name}' of '{state.Parameter}' is to lie in an external file; only parameters can.");
                    Tensor(moment, isNominal: false, target);
                }
            }
        }
    }

    private static void Names(IEnumerable<string> names, string what, string target)
    {
        var seen = new HashSet<string>();
        foreach (string name in names)
        {
            if (OfficialNames.Problem(name) is { } problem)
                throw new FineTuningException($"{target}: the name '{OfficialNames.Printable(name)}' of a {what} {problem}.");
            if (!seen.Add(name))
                throw new FineTuningException($"{target}: there is more than one {what} named '{name}'.");
        }
    }

    private static void Tensor(OfficialTensor tensor, bool isNominal, string target)
    {
        if (tensor.ElementType is <= ElementType.Undefined or > ElementType.BFloat16)
            throw new FineTuningException($"{target}: '{tensor.Name}' has the unknown element type {tensor.ElementType}.");
        if (isNominal)
        {
            if (!tensor.Data.IsEmpty || tensor.IsExternal || tensor.Strings is { Count: > 0 })
                throw new FineTuningException($"{target}: '{tensor.Name}' has data, and a nominal checkpoint has none.");
            return;
        }

        long count = TensorData.ElementCount(tensor.Shape, tensor.Name);
        bool isText = tensor.ElementType == ElementType.String;
        long? expected = isText ? 0 : StoredSize.Bytes((int)tensor.ElementType, count);
        long texts = tensor.Strings?.Count ?? 0;
        if (expected != tensor.Data.Length || (isText ? texts != count || tensor.IsExternal : texts != 0))
        {
            throw new FineTuningException(
                $"{target}: '{tensor.Name}' has {tensor.Data.Length} bytes and {texts} texts, which do not fit {tensor.ElementType}[{string.Join(", ", tensor.Shape)}].");
        }
    }
}
