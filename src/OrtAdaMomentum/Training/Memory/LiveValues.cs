using OrtAdaMomentum.Gradients.Recomputation;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Training.Memory;

/// <summary>Counts, node by node, the bytes of the values that a graph keeps until their last reader has run.</summary>
internal sealed class LiveValues
{
    /// <summary>Their output may lie where an input of its size lay that nobody else reads.</summary>
    private static readonly HashSet<string> _inPlace =
    [
        "Add", "Sub", "Mul", "Div", "Relu", "Sigmoid", "Tanh", "Exp", "Log", "Neg", "Abs", "Sqrt", "Erf", "Softplus", "Clip", "Softmax", "Where", "Reciprocal",
    ];

    private readonly IReadOnlyDictionary<string, TensorType> _types;
    private readonly HashSet<string> _bound;
    private readonly Dictionary<string, string> _storage = [];
    private readonly Dictionary<string, int> _readers = [];
    private readonly Dictionary<string, long> _bytes = [];
    private long _live;

    /// <param name="types">Types with fixed shapes.</param>
    /// <param name="bound">Inputs, weights and outputs, whose memory is not the graph's.</param>
    public LiveValues(IReadOnlyDictionary<string, TensorType> types, HashSet<string> bound) => (_types, _bound) = (types, bound);

    /// <summary>The most bytes kept at once.</summary>
    public long PeakBytes(IReadOnlyList<NodeProto> order)
    {
        Prepare(order);
        long peak = 0;
        foreach (var node in order)
        {
            foreach (string output in node.Output.Where(static name => name.Length > 0).Select(Storage).Distinct())
            {
                if (_bound.Contains(output) || _bytes.ContainsKey(output))
                    continue;
                string? reused = _inPlace.Contains(node.OpType) ? node.Input.Select(Storage).FirstOrDefault(input => CanReuse(input, node, output)) : null;
                if (reused is not null)
                    Free(reused);
                _live += _bytes[output] = SizeOf(output);
            }

            peak = Math.Max(peak, _live);
            foreach (string value in SubGraphs.Reads(node).Select(Storage))
            {
                if (--_readers[value] == 0)
                    Free(value);
            }

            foreach (string output in node.Output.Where(static name => name.Length > 0).Select(Storage).Where(output => !_readers.ContainsKey(output)))
                Free(output);
        }

        return peak;
    }

    private void Prepare(IReadOnlyList<NodeProto> order)
    {
        foreach (var node in order.Where(CheapOperators.IsView))
            _storage[node.Output[0]] = Storage(node.Input[0]);
        foreach (string value in order.SelectMany(SubGraphs.Reads).Select(Storage))
            _readers[value] = _readers.GetValueOrDefault(value) + 1;
    }

    private string Storage(string value) => _storage.GetValueOrDefault(value, value);

    private bool CanReuse(string input, NodeProto node, string output) =>
        _bytes.GetValueOrDefault(input) == SizeOf(output) && _readers.GetValueOrDefault(input) == node.Input.Count(name => Storage(name) == input);

    private void Free(string value)
    {
        _live -= _bytes.GetValueOrDefault(value);
        _bytes[value] = 0;
    }

    private long SizeOf(string value) => _types.TryGetValue(value, out var type) && type.ElementCount is { } count ? count * type.ElementType.SizeInBytes() : 0;
}
