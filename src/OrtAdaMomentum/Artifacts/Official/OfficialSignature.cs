using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>
/// What the inputs and outputs of an official graph are. The official runtime tells by name alone: what the checkpoint has is a parameter,
/// certain endings are gradients, the rest is the user's.
/// </summary>
internal sealed class OfficialSignature
{
    public OfficialSignature(GraphProto graph, OfficialCheckpoint checkpoint, string source)
    {
        var trainable = checkpoint.TrainableParameters.ToDictionary(static tensor => tensor.Name);
        var frozen = checkpoint.FrozenParameters.ToDictionary(static tensor => tensor.Name);
        var user = new List<ValueInfoProto>();
        var parameters = new List<(OfficialTensor, bool)>();
        foreach (var input in graph.Input)
        {
            bool trains = trainable.TryGetValue(input.Name, out var tensor);
            if (trains || frozen.TryGetValue(input.Name, out tensor))
            {
                RequireShape(input, tensor!, source);
                parameters.Add((tensor!, trains));
            }
            else if (!OfficialGraphNames.IsReserved(input.Name))
            {
                user.Add(input);
            }
        }

        var all = parameters.ToDictionary(static parameter => parameter.Item1.Name, static parameter => parameter.Item1);
        User = [.. user.Select(input => InputExtents.Narrow(input, graph, all))];
        Parameters = parameters;
        Outputs = [.. graph.Output.Where(static output => !OfficialGraphNames.IsReserved(output.Name)).Select(static output => output.Name)];
        if (Outputs.Count == 0)
            throw new FineTuningException($"{source}: the model has no output that is no gradient, so there is no loss.");
    }

    /// <summary>The user's inputs.</summary>
    public IReadOnlyList<ValueInfoProto> User { get; }

    /// <summary>The parameters in the order of the inputs, which is that of the official buffers.</summary>
    public IReadOnlyList<(OfficialTensor Tensor, bool Trains)> Parameters { get; }

    /// <summary>The outputs that the user sees, the loss first.</summary>
    public IReadOnlyList<string> Outputs { get; }

    private static void RequireShape(ValueInfoProto input, OfficialTensor tensor, string source)
    {
        var type = TensorTypes.FromProto(input.Type);
        if (type is null || type.ElementType != tensor.ElementType || type.StaticShape is not { } shape || !shape.SequenceEqual(tensor.Shape))
        {
            throw new FineTuningException(
                $"{source}: the parameter '{input.Name}' is {tensor.ElementType}[{string.Join(", ", tensor.Shape)}] in the checkpoint, but the model takes "
                + $"{type?.ElementType}[{(type?.Shape is { } dimensions ? string.Join(", ", dimensions) : "?")}]. They do not belong together.");
        }
    }
}
