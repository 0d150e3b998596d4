using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients;

/// <content>Changes to what is written already.</content>
public sealed partial class GraphBuilder
{
    /// <summary>
    /// Puts other nodes in the place of some. <paramref name="writeOut"/> is asked for every node in order; where it gives values, these
    /// take the names of the node's outputs.
    /// </summary>
    internal void Rewrite(Func<NodeProto, IReadOnlyList<SymbolicTensor?>?> writeOut)
    {
        // Sharing starts anew, so that no node written now reads one that comes later.
        NodeProto[] nodes = [.. _graph.Node];
        _graph.Node.Clear();
        _known.Clear();

        foreach (var node in nodes)
        {
            int written = _graph.Node.Count;
            if (writeOut(node) is { } values)
                NameOutputs(node, values, written);
            else
                Append(node);
        }
    }

    /// <summary>Removes what no output depends on, and forgets it: nothing that is written later may share it.</summary>
    internal void RemoveUnused()
    {
        UnusedNodes.Remove(_graph);
        _known.Clear();
        _producers.Clear();
        foreach (var node in _graph.Node)
            Register(node);
        var left = _graph.Initializer.Select(static initializer => initializer.Name).ToHashSet();
        foreach (var (key, name) in _constants.Where(pair => !left.Contains(pair.Value)).ToList())
        {
            _constants.Remove(key);
            _initializers.Remove(name);
        }
    }

    /// <summary>Gives the values that nodes from place <paramref name="written"/> on compute the names of the outputs that they replace.</summary>
    private void NameOutputs(NodeProto replaced, IReadOnlyList<SymbolicTensor?> values, int written)
    {
        NodeProto[] nodes = [.. _graph.Node.Skip(written)];
        var own = nodes.SelectMany(static node => node.Output).ToHashSet();
        var names = new Dictionary<string, string>();
        var copies = new List<NodeProto>();
        for (int index = 0; index < replaced.Output.Count; index++)
        {
            string output = replaced.Output[index];
            if (output.Length == 0)
                continue;
            var value = index < values.Count && values[index] is { } given
                ? given
                : throw new FineTuningException($"there is no formula for its output {index}");
            if (_types.GetValueOrDefault(output)?.Shape is null)
                _types[output] = value.Type;
            // What was there before, or has just been named, needs a node that carries the other name.
            if (!own.Contains(value.Name) || !names.TryAdd(value.Name, output))
                copies.Add(new NodeProto { OpType = "Identity", Name = Fresh("Identity"), Input = { value.Name }, Output = { output } });
        }

        foreach (var node in nodes)
        {
            if (_known.GetValueOrDefault(Key(node)) is { } shared && node.Output.Contains(shared))
                _known.Remove(Key(node));
        }

        foreach (var node in nodes.Concat(copies))
            Renaming.Rename(node, names);
        RenameOffers(names);

        foreach (var node in nodes)
            Register(node);
        foreach (var copy in copies)
            Append(copy);
    }
}
