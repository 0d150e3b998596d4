using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>What can be told of an official graph's loss: the target, the prediction, and their meaning.</summary>
/// <param name="Name">Name of the loss.</param>
/// <param name="TargetKind">What the target holds.</param>
/// <param name="Target">The user input that is the target.</param>
/// <param name="Prediction">The value that the loss compares with it; null where that cannot be told.</param>
/// <param name="IgnoreIndex">The class that marks positions to leave out.</param>
internal sealed record OfficialLoss(string Name, TargetKind TargetKind, string Target, string? Prediction, long? IgnoreIndex)
{
    /// <summary>Whether the classes are the last axis of the prediction, not the second: the loss takes them there, or rows are made of all others.</summary>
    public bool ClassesAreLast { get; init; }

    /// <summary>Where the loss is none that is known.</summary>
    private const string Custom = "custom";

    private const string OfLastAxis = "SparseSoftmaxCrossEntropy";

    private static readonly HashSet<string> Forwarding = ["Cast", "Expand", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"];

    public static OfficialLoss Of(GraphProto graph, OfficialSignature signature, string source)
    {
        var producers = graph.Node.SelectMany(static node => node.Output.Select(output => (output, node)))
            .Where(static pair => pair.output.Length > 0).ToDictionary(static pair => pair.output, static pair => pair.node);
        var user = signature.User.Select(static input => input.Name).ToHashSet();
        if (user.Count == 0)
            throw new FineTuningException($"{source}: the model has no inputs but parameters, so there is nothing to feed.");
        if (producers.TryGetValue(signature.Outputs[0], out var loss)
            && loss.OpType is "SoftmaxCrossEntropyLoss" or "SoftmaxCrossEntropyLossInternal" or OfLastAxis && Source(loss.Input[1]) is { } labels && user.Contains(labels))
        {
            var constants = graph.Initializer.ToDictionary(static tensor => tensor.Name);
            long? ignored = loss.Find("ignore_index")?.I
                ?? (loss.Input.Count > 3 && constants.TryGetValue(loss.Input[3], out var constant) ? TensorData.ToLongs(constant)[0] : null);
            bool flattened = IsReshaped(loss.Input[0]) && IsReshaped(loss.Input[1]);
            return new OfficialLoss(
                new CrossEntropyLoss().Name, TargetKind.ClassIndex, labels, flattened ? producers[loss.Input[0]].Input[0] : loss.Input[0], ignored)
            {
                ClassesAreLast = flattened || loss.OpType == OfLastAxis,
            };
        }

        // The generator puts the inputs of the loss behind those of the model.
        string target = signature.User[^1].Name;
        var difference = graph.Node.FirstOrDefault(node => node.OpType == "Sub" && node.Input.Any(input => Source(input) == target));
        string? prediction = difference?.Input.FirstOrDefault(input => Source(input) != target);
        return new OfficialLoss(NameOf(loss, difference), TargetKind.Value, target, prediction, null);

        bool IsReshaped(string value) => producers.TryGetValue(value, out var node) && node.OpType == "Reshape";

        string Source(string value)
        {
            while (producers.TryGetValue(value, out var node) && Forwarding.Contains(node.OpType))
                value = node.Input[0];
            return value;
        }

        string NameOf(NodeProto? mean, NodeProto? subtraction)
        {
            if (subtraction is null || mean?.OpType != "ReduceMean" || !producers.TryGetValue(mean.Input[0], out var power) || power.Input[0] != subtraction.Output[0])
                return Custom;
            return power.OpType switch
            {
                "Pow" or "Mul" => new MeanSquaredErrorLoss().Name,
                "Abs" => new AbsoluteErrorLoss().Name,
                _ => Custom,
            };
        }
    }
}
