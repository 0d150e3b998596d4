using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.ControlFlow;

/// <summary>Writes loops out, one copy of the body for each iteration. Weights in the body stay one, so that their gradients sum.</summary>
internal sealed class LoopUnrolling(KnownValues values, NodeWriter writer, LoopLength length, int maxNodes)
{
    private readonly HashSet<string> _tooLong = new(StringComparer.Ordinal);
    private readonly List<string> _notes = [];
    private int _nodes;

    /// <summary>Loops written out so far.</summary>
    public int Count { get; private set; }

    /// <summary>Their iterations.</summary>
    public long Iterations { get; private set; }

    /// <summary>What the user should know of loops that stay.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>The nodes of all iterations; null when their number is not known.</summary>
    public IEnumerable<NodeProto>? UnrollLoop(NodeProto node, GraphProto graph)
    {
        GraphProto body = Body(node);
        if (length.Of(node, body) is not { } count || !Fits(node, body, count))
            return null;

        int states = node.Input.Count - 2;
        string[] first = [.. node.Input.Skip(2)];
        var scans = new ScanOutput[node.Output.Count - states];
        for (int index = 0; index < scans.Length; index++)
            scans[index] = new ScanOutput(node.Output[states + index], 0, Reversed: false);
        if (count == 0 && !scans.All(CanBeEmpty))
            return null;
        return Write(node, graph, new Loop(count, first, scans, FirstOutput: 1), (iteration, scope, target) =>
        {
            Steer(body.Input[0], name => Shaped(body.Input[0], TensorData.Scalar(name, iteration)));
            Steer(body.Input[1], name => Shaped(body.Input[1], TensorData.Scalar(name, true)));

            void Steer(ValueInfoProto input, Func<string, TensorProto> make) => scope[input.Name] = writer.Constant(graph, input.Name, make);
        });
    }

    /// <summary>Whether the extent of what a Scan goes over is known.</summary>
    public bool CanUnrollScan(NodeProto node) => ScanLength(node) is { } count && Fits(node, Body(node), count);

    /// <summary>The nodes of all iterations; null when their number is not known.</summary>
    public IEnumerable<NodeProto>? UnrollScan(NodeProto node, GraphProto graph)
    {
        if (ScanLength(node) is not { } count)
            return null;
        GraphProto body = Body(node);
        int scanned = (int)node.IntOr("num_scan_inputs", 0), states = node.Input.Count - scanned;
        long[] axes = node.Ints("scan_input_axes") ?? [], directions = node.Ints("scan_input_directions") ?? [];
        long[] outputAxes = node.Ints("scan_output_axes") ?? [], outputDirections = node.Ints("scan_output_directions") ?? [];
        var scans = new ScanOutput[node.Output.Count - states];
        for (int index = 0; index < scans.Length; index++)
            scans[index] = new ScanOutput(node.Output[states + index], outputAxes.ElementAtOrDefault(index), outputDirections.ElementAtOrDefault(index) == 1);
        if (count == 0 && !scans.All(CanBeEmpty))
            return null;
        return Write(node, graph, new Loop(count, [.. node.Input.Take(states)], scans, FirstOutput: 0), (iteration, scope, target) =>
        {
            for (int index = 0; index < scanned; index++)
            {
                string element = scope[body.Input[states + index].Name] = writer.Fresh(body.Input[states + index].Name);
                long position = directions.ElementAtOrDefault(index) == 1 ? count - 1 - iteration : iteration;
                target.Add(writer.Pick(graph, node.Input[states + index], element, axes.ElementAtOrDefault(index), position));
            }
        });
    }

    private static GraphProto Body(NodeProto node) =>
        node.Find("body")?.G ?? throw new OnnxModelException($"{NodeNames.Describe(node)} has no body.");

    private static TensorProto Shaped(ValueInfoProto input, TensorProto scalar)
    {
        // Some exporters declare the number of the iteration as a list of one.
        if (TensorTypes.FromProto(input.Type)?.Rank == 1)
            scalar.Dims.Add(1);
        return scalar;
    }

    private List<NodeProto> Write(NodeProto node, GraphProto graph, Loop loop, Action<long, Dictionary<string, string>, List<NodeProto>> begin)
    {
        GraphProto body = Body(node);
        graph.Initializer.AddRange(body.Initializer);
        graph.SparseInitializer.AddRange(body.SparseInitializer);
        int states = loop.First.Length, firstInput = body.Input.Count - states - (loop.FirstOutput == 0 ? (int)node.IntOr("num_scan_inputs", 0) : 0);
        string[] carried = loop.First;
        var collected = loop.Scans.Select(static _ => new List<string>()).ToArray();
        var target = new List<NodeProto>();

        for (long iteration = 0; iteration < loop.Count; iteration++)
        {
            var scope = new Dictionary<string, string>(StringComparer.Ordinal);
            begin(iteration, scope, target);
            for (int index = 0; index < states; index++)
                scope[body.Input[firstInput + index].Name] = carried[index];
            NodeProto[] copies = [.. body.Node.Select(static inner => inner.Clone())];
            new ScopedNames(writer.Fresh, writer.Fresh).Rename(copies, scope);
            target.AddRange(copies);

            carried = [.. Enumerable.Range(loop.FirstOutput, states).Select(Result)];
            for (int index = 0; index < collected.Length; index++)
                collected[index].Add(Result(loop.FirstOutput + states + index));

            string Result(int output) => scope.GetValueOrDefault(body.Output[output].Name, body.Output[output].Name);
        }

        for (int index = 0; index < states; index++)
        {
            if (node.Output[index].Length > 0)
                target.Add(PassingOn.Node(carried[index], node.Output[index]));
        }

        for (int index = 0; index < collected.Length; index++)
            target.AddRange(Collect(graph, loop.Scans[index], collected[index]));
        Count++;
        Iterations += loop.Count;
        return target;
    }

    private IEnumerable<NodeProto> Collect(GraphProto graph, ScanOutput scan, List<string> parts)
    {
        if (scan.Name.Length == 0)
            return [];
        if (scan.Reversed)
            parts.Reverse();
        if (parts.Count > 0)
            return writer.Join(graph, parts, scan.Name, scan.Axis, stack: true);
        string empty = writer.Constant(graph, scan.Name + "/empty", name => Empty(name, scan));
        return [PassingOn.Node(empty, scan.Name)];
    }

    private bool CanBeEmpty(ScanOutput scan) =>
        scan.Name.Length == 0 || values.Type(scan.Name) is { Shape: { } shape } && shape.Where((_, axis) => axis != scan.Axis).All(static dimension => dimension.IsStatic);

    private TensorProto Empty(string name, ScanOutput scan)
    {
        TensorType type = values.Type(scan.Name)!;
        return TensorData.Create(name, type.ElementType, [], [.. type.Shape!.Select((dimension, axis) => axis == scan.Axis ? 0 : dimension.Extent)]);
    }

    private long? ScanLength(NodeProto node)
    {
        int scanned = (int)node.IntOr("num_scan_inputs", 0);
        long axis = node.Ints("scan_input_axes")?.FirstOrDefault() ?? 0;
        if (scanned < 1 || values.Type(node.Input[node.Input.Count - scanned])?.Shape is not { } shape)
            return null;
        Dimension extent = shape[(int)(axis < 0 ? axis + shape.Count : axis)];
        return extent.IsStatic ? extent.Extent : null;
    }

    private bool Fits(NodeProto node, GraphProto body, long count)
    {
        long perIteration = Math.Max(1, NodesIn(body));
        if (count <= (maxNodes - _nodes) / perIteration)
        {
            _nodes += (int)(count * perIteration);
            return true;
        }

        if (_tooLong.Add(node.Output.First(static name => name.Length > 0)))
        {
            _notes.Add(
                $"{NodeNames.Describe(node)} stays a loop: {count} iterations of {perIteration} nodes are more than the {maxNodes} that are written out.");
        }

        return false;
    }

    private static long NodesIn(GraphProto graph) =>
        graph.Node.Sum(static node => 1 + SubGraphs.Of(node).Sum(NodesIn));

    private sealed record ScanOutput(string Name, long Axis, bool Reversed);

    private sealed record Loop(long Count, string[] First, ScanOutput[] Scans, int FirstOutput);
}
