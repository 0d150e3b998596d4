using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients.ControlFlow;

/// <summary>Says of control flow that is left in a graph what decides at run time, and which input that comes from.</summary>
internal sealed class RunTimeChoices
{
    private readonly GraphProto _graph;
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _constants;

    public RunTimeChoices(GraphProto graph)
    {
        _graph = graph;
        _constants = graph.Initializer.Select(static tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        foreach (NodeProto node in graph.Node)
        {
            foreach (string output in node.Output)
                _producers[output] = node;
        }
    }

    /// <summary>Why no gradient passes the node; null for a node that is no control flow.</summary>
    public string? Reason(NodeProto node) => OnnxDomains.IsStandard(node)
        ? node.OpType switch
        {
            "If" => $"which of its branches runs {Decided(node.Input[0])}",
            "Loop" => Loop(node),
            "SequenceMap" => "it runs its body as often as a sequence has elements, which only the run tells",
            "ConcatFromSequence" or "SequenceAt" or "SequenceConstruct" or "SequenceErase" or "SequenceInsert" or "SplitToSequence" =>
                "which tensors its sequence holds is known only when the model runs" + Position(node),
            _ => null,
        }
        : null;

    private string Loop(NodeProto node)
    {
        string limit = node.Input.ElementAtOrDefault(0) ?? "", start = node.Input.ElementAtOrDefault(1) ?? "";
        if (limit.Length > 0 && !_constants.Contains(limit))
            return $"how often it runs {Decided(limit)}";
        if (start.Length > 0 && !_constants.Contains(start))
            return $"whether it runs {Decided(start)}";
        GraphProto? body = node.Find("body")?.G;
        string next = body?.Output.FirstOrDefault()?.Name ?? "";
        bool handedOn = body?.Node.FirstOrDefault(inner => inner.Output.Contains(next))?.OpType is null or "Identity" or "Constant";
        return handedOn
            ? "it runs more often than can be written out; make it shorter, or train only parameters that come after it"
            : "whether it goes on is computed anew in each iteration from values that only the run gives; train only parameters that come after it";
    }

    private string Position(NodeProto node) =>
        node.Input.Skip(1).FirstOrDefault(name => name.Length > 0 && !_constants.Contains(name)) is { } steering ? $"; {Sources(steering).Advice}" : "";

    private string Decided(string value) => $"is decided by '{value}', which is computed when the model runs; {Sources(value).Advice}";

    private Origins Sources(string value)
    {
        var origins = new Origins();
        var waiting = new Queue<(string Name, bool ByShape)>([(value, false)]);
        var seen = new HashSet<(string, bool)>();
        HashSet<string> inputs = _graph.Input.Select(static input => input.Name).ToHashSet(StringComparer.Ordinal);
        while (waiting.TryDequeue(out (string Name, bool ByShape) item))
        {
            if (!seen.Add(item))
                continue;
            if (inputs.Contains(item.Name))
            {
                (item.ByShape ? origins.Shapes : origins.Values).Add(item.Name);
            }
            else if (_producers.TryGetValue(item.Name, out NodeProto? producer))
            {
                bool byShape = item.ByShape || OnnxDomains.Is(producer, "Shape") || OnnxDomains.Is(producer, "Size");
                foreach (string read in SubGraphs.Reads(producer))
                    waiting.Enqueue((read, byShape));
            }
        }

        origins.Shapes.ExceptWith(origins.Values);
        return origins;
    }

    /// <summary>The graph inputs that a value depends on: by what they hold, and by how long they are.</summary>
    private sealed class Origins
    {
        public SortedSet<string> Values { get; } = new(StringComparer.Ordinal);

        public SortedSet<string> Shapes { get; } = new(StringComparer.Ordinal);

        public string Advice
        {
            get
            {
                string[] settings =
                [
                    .. Values.Select(static name => $"'{name}' ({name}=VALUE)"),
                    .. Shapes.Select(static name => $"the axis of '{name}' that is meant ({name}:AXIS=LENGTH)"),
                ];
                return settings.Length == 0
                    ? "train only parameters that come after it"
                    : $"if it is a setting, fix {string.Join(" and ", settings)}, as --fix does; if it is data, train only parameters that come after it";
            }
        }
    }
}
