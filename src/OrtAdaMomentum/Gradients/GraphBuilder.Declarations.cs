using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients;

/// <content>Types of inner values that the finished graph tells, because an operator reads them there.</content>
public sealed partial class GraphBuilder
{
    private readonly List<SymbolicTensor> _declared = [];

    /// <summary>Has the finished graph tell the type of a value.</summary>
    internal void Declare(SymbolicTensor value) => _declared.Add(value);

    /// <summary>Writes the types of those values that the graph still has.</summary>
    /// <param name="renamed">The names that values now have in place of others.</param>
    internal void WriteDeclarations(IReadOnlyDictionary<string, string> renamed)
    {
        var inner = _graph.Node.SelectMany(static node => node.Output).Except(_graph.Output.Select(static output => output.Name)).ToHashSet();
        _graph.ValueInfo.AddRange(
            _declared.Select(value => TensorTypes.ToProto(renamed.GetValueOrDefault(value.Name, value.Name), value.Type))
                .DistinctBy(static declared => declared.Name).Where(declared => inner.Contains(declared.Name)));
    }
}
