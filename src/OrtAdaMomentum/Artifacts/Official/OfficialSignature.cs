using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>
/// What the inputs and outputs of an official graph are. The official runtime tells by name alone: what the checkpoint has is a parameter,
/// certain endings are gradients, the rest is the user's.
/// </summary>
internal sealed class OfficialSignature
{
    private const string ResetFlag = "lazy_reset_grad";

    private static readonly string[] GradientSuffixes = ["_grad.accumulation.buffer", "_grad.accumulation.out", "_grad"];

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
            else if (input.Name != ResetFlag && !IsGradient(input.Name))
            {
                user.Add(input);
            }
        }

        User = user;
        Parameters = parameters;
        Outputs = [.. graph.Output.Where(static output => !IsGradient(output.Name)).Select(static output => output.Name)];
        if (Outputs.Count == 0)
            throw new FineTuningException($"{source}: the model has no output that is no gradient, so there is no loss.");
    }

    /// <summary>The user's inputs.</summary>
    public IReadOnlyList<ValueInfoProto> User { get; }

    /// <summary>The parameters in the order of the inputs, which is that of the official buffers.</summary>
    public IReadOnlyList<(OfficialTensor Tensor, bool Trains)> Parameters { get; }

    /// <summary>The outputs that the user sees, the loss first.</summary>
    public IReadOnlyList<string> Outputs { get; }

    private static bool IsGradient(string name) => GradientSuffixes.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal));

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
