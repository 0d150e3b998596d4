using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts;

/// <summary>A loss attached to a graph.</summary>
/// <param name="Loss">The scalar loss.</param>
/// <param name="Output">The graph output it belongs to.</param>
/// <param name="Target">The graph input that takes the target.</param>
/// <param name="Activation">The final activation of the output.</param>
/// <param name="ClassAxis">Axis of the classes counted from the end, where the target is a class.</param>
/// <param name="ClassCount">Number of classes, where the target is a class.</param>
internal sealed record AttachedLoss(
    SymbolicTensor Loss, string Output, TensorInfo Target, FinalActivation Activation, int? ClassAxis, long? ClassCount)
{
    /// <summary>Where differentiation starts: the loss with gradient 1, or the prediction with the gradient that the loss has given.</summary>
    public (SymbolicTensor Value, SymbolicTensor Gradient) Start { get; init; } = (Loss, Loss.Like(1));

    /// <summary>What a user may want to know of how the loss was attached.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>Attaches a loss to a model's output, before the final activation where the loss contains it in a stable form.</summary>
internal static class LossAttachment
{
    /// <param name="graph">Where the loss is written.</param>
    /// <param name="options">The loss, and where it goes.</param>
    /// <param name="writesLossOperator">Whether the runtime has a gradient for the standard's own loss operator.</param>
    public static AttachedLoss Attach(GraphBuilder graph, ArtifactOptions options, bool writesLossOperator = false)
    {
        string output = ChooseOutput(graph.Graph, options.Output);
        var (activation, axis, before) = FinalActivationOf(graph, output);
        bool removed = options.Loss.StableUnder.Contains(activation);
        var prediction = graph.Value(removed ? before : output);
        if (!prediction.ElementType.IsFloatingPoint())
            throw new FineTuningException($"The output '{output}' has type {prediction.Type}, so no loss can be attached to it. Choose another output.");

        TensorInfo? target = null;
        var context = new LossContext(graph, prediction, removed ? activation : FinalActivation.None, removed ? axis : -1, type =>
        {
            target = new TensorInfo(options.TargetName, type.ElementType, [.. type.Shape ?? throw new UnknownShapeException(output, "its rank is not known")]);
            return AddTarget(graph, target, type);
        })
        {
            WritesLossOperator = writesLossOperator,
        };
        var loss = options.Loss.Attach(context);
        if (target is null)
            throw new FineTuningException($"The loss '{options.Loss.Name}' takes no target.");

        int? classAxis = options.Loss switch
        {
            CrossEntropyLoss crossEntropy => crossEntropy.ClassAxis ?? context.Axis,
            CtcLoss => context.Axis,
            _ => null,
        };
        var attached = new AttachedLoss(
            loss, output, target, activation, classAxis, classAxis is { } place ? prediction.Extent(place) : null)
        {
            Notes = !removed && activation != FinalActivation.None && options.Loss.StableUnder.Count > 0 ? [Mismatch(options.Loss, activation, output)] : [],
        };
        return context.Gradient is { } gradient ? attached with { Start = (prediction, gradient) } : attached;
    }

    /// <summary>A loss of scores on what an activation has made of them learns, but slowly and to other answers; hardly anybody means it.</summary>
    private static string Mismatch(Loss loss, FinalActivation activation, string output)
    {
        var suitable = LossRegistry.Names.Select(LossRegistry.Create)
            .Where(other => other.StableUnder.Contains(activation) && other.TargetKind != TargetKind.ClassSequence);
        return $"The output '{output}' ends in {activation}, and {loss.Name} takes its values for scores from before {string.Join(" or ", loss.StableUnder)}. "
            + $"Losses for such an output: {string.Join(", ", suitable.Select(static other => other.Name))}.";
    }

    private static SymbolicTensor AddTarget(GraphBuilder graph, TensorInfo target, TensorType type)
    {
        if (graph.Graph.Input.Any(input => input.Name == target.Name) || graph.IsTyped(target.Name))
            throw new FineTuningException($"The model already has a value named '{target.Name}'. Give the target another name.");
        return graph.AddInput(target.Name, type);
    }

    private static string ChooseOutput(GraphProto graph, string? name)
    {
        if (graph.Output.Count == 0)
            throw new FineTuningException("The model has no outputs.");
        if (name is null)
            return graph.Output[0].Name;
        return graph.Output.Any(output => output.Name == name)
            ? name
            : throw new FineTuningException($"The model has no output '{name}'. Outputs: {string.Join(", ", graph.Output.Select(static output => output.Name))}.");
    }

    /// <summary>What a node gives on unchanged, or only rounded as the output of a quantised model is.</summary>
    private static string? LookedThrough(GraphBuilder graph, NodeProto node) => node.OpType switch
    {
        "Identity" => node.Input[0],
        "DequantizeLinear" when graph.ProducerOf(node.Input[0]) is { OpType: "QuantizeLinear" } quantize => quantize.Input[0],
        _ => null,
    };

    private static (FinalActivation Activation, int Axis, string Before) FinalActivationOf(GraphBuilder graph, string output)
    {
        var producer = graph.ProducerOf(output);
        while (producer is not null && LookedThrough(graph, producer) is { } source)
            producer = graph.ProducerOf(source);
        var activation = producer?.OpType switch
        {
            "Softmax" => FinalActivation.Softmax,
            "LogSoftmax" => FinalActivation.LogSoftmax,
            "Sigmoid" => FinalActivation.Sigmoid,
            _ => FinalActivation.None,
        };
        if (producer is null || activation == FinalActivation.None)
            return (activation, -1, output);
        long axis = producer.IntOr("axis", -1);
        int fromEnd = axis < 0 ? (int)axis : (int)axis - graph.Value(producer.Input[0]).Rank;
        return (activation, fromEnd, producer.Input[0]);
    }
}
