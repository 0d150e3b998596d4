using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.ControlFlow;

/// <summary>
/// How often a Loop runs. Where the condition is computed in the body, ONNX Runtime runs a Loop of only what the condition depends on,
/// which counts the iterations.
/// </summary>
internal sealed class LoopLength(KnownValues values, int maxIterations)
{
    /// <summary>The number of iterations, or null when it depends on what is fed.</summary>
    public long? Of(NodeProto node, GraphProto body)
    {
        string limit = node.Input.ElementAtOrDefault(0) ?? "", condition = node.Input.ElementAtOrDefault(1) ?? "";
        long? most = limit.Length == 0 ? long.MaxValue : values.Integer(limit);
        bool? start = condition.Length == 0 ? true : values.Boolean(condition);
        if (most is null || start is null)
            return null;
        if (start == false || most <= 0)
            return 0;
        values.Learn(body);
        if (IsAlwaysTrue(body))
            return most;
        return Count(node, body, most.Value);
    }

    private bool IsAlwaysTrue(GraphProto body)
    {
        string name = body.Output[0].Name;
        while (body.Node.FirstOrDefault(node => node.Output.Contains(name)) is { } producer && OnnxDomains.Is(producer, "Identity"))
            name = producer.Input[0];
        return name == body.Input[1].Name || values.Boolean(name) == true;
    }

    private long? Count(NodeProto node, GraphProto body, long most)
    {
        int[]? states = StatesNeeded(node, body, out NodeProto[] nodes);
        if (states is null)
            return null;

        ModelProto probe = values.Probe([Counting(node, body, states, nodes)],
        [
            // One more than can be written out is enough to know that they are too many, and ends a loop that would never end.
            TensorData.Scalar(LimitName, Math.Min(most, maxIterations + 1L)),
            TensorData.Scalar(ZeroName, 0L),
            TensorData.Scalar(StartName, true),
        ]);
        probe.Graph.Output.Add(new ValueInfoProto { Name = CountName });
        if (probe.Graph.Input.Count > 0)
            return null;
        try
        {
            using InferenceSession session = QuietRuntime.Open(probe);
            return TensorData.ToLongs(RuntimeRun.Run(session, [])[CountName])[0];
        }
        catch (OnnxRuntimeException)
        {
            return null;
        }
    }

    private const string LimitName = "__limit", ZeroName = "__zero", StartName = "__start", CountName = "__count";

    /// <summary>The carried values that the condition depends on and the nodes that compute them; null when something fed is among it.</summary>
    private int[]? StatesNeeded(NodeProto node, GraphProto body, out NodeProto[] nodes)
    {
        var states = new SortedSet<int>();
        var kept = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var waiting = new Queue<string>([body.Output[0].Name]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        bool isConstant = true;
        while (waiting.TryDequeue(out string? name))
        {
            if (!seen.Add(name) || name == body.Input[0].Name || name == body.Input[1].Name || values.Value(name) is not null)
                continue;
            int input = Position(body, name);
            if (input >= 0)
            {
                states.Add(input - 2);
                isConstant &= values.Value(node.Input[input]) is not null;
                waiting.Enqueue(body.Output[input - 1].Name);
            }
            else if (body.Node.FirstOrDefault(inner => inner.Output.Contains(name)) is { } producer && !ConstantPlan.IsRandom(producer))
            {
                kept.Add(producer);
                foreach (string read in SubGraphs.Reads(producer))
                    waiting.Enqueue(read);
            }
            else
            {
                isConstant = false;
            }
        }

        nodes = [.. body.Node.Where(kept.Contains)];
        return isConstant ? [.. states] : null;
    }

    private static int Position(GraphProto body, string name)
    {
        for (int index = 2; index < body.Input.Count; index++)
        {
            if (body.Input[index].Name == name)
                return index;
        }

        return -1;
    }

    private static NodeProto Counting(NodeProto node, GraphProto body, int[] states, NodeProto[] nodes)
    {
        const string before = "__before", one = "__one", condition = "__condition";
        var counting = new GraphProto { Name = "body", Node = { nodes } };
        counting.Initializer.AddRange(body.Initializer);
        counting.Initializer.Add(TensorData.Scalar(one, 1L));
        counting.Input.Add(body.Input[0]);
        counting.Input.Add(body.Input[1]);
        counting.Node.Add(PassingOn.Node(body.Output[0].Name, condition));
        counting.Output.Add(new ValueInfoProto { Name = condition });
        var loop = new NodeProto { OpType = "Loop", Input = { LimitName, StartName } };
        foreach (int state in states)
        {
            string next = "__next" + loop.Output.Count;
            counting.Input.Add(body.Input[state + 2]);
            counting.Node.Add(PassingOn.Node(body.Output[state + 1].Name, next));
            counting.Output.Add(new ValueInfoProto { Name = next });
            loop.Input.Add(node.Input[state + 2]);
            loop.Output.Add("__last" + loop.Output.Count);
        }

        counting.Input.Add(TensorTypes.ToProto(before, TensorType.Of(ElementType.Int64)));
        counting.Node.Add(new NodeProto { OpType = "Add", Input = { before, one }, Output = { CountName + "_next" } });
        counting.Output.Add(new ValueInfoProto { Name = CountName + "_next" });
        loop.Input.Add(ZeroName);
        loop.Output.Add(CountName);
        loop.Attribute.Add(new AttributeProto { Name = "body", Type = AttributeProto.Types.AttributeType.Graph, G = counting });
        return loop;
    }
}
