using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Tests.RealExports.DoublePrecision;

/// <summary>LSTM and GRU written out step by step, forwards, with the activations that they have when nothing is said.</summary>
internal sealed class DoubleRecurrence
{
    private readonly NodeWriter _writer;
    private readonly NodeProto _node;
    private readonly long _hidden;
    private readonly long _length;
    private readonly string _w;
    private readonly string _r;
    private readonly string? _inputBias;
    private readonly string? _stateBias;

    private DoubleRecurrence(NodeWriter writer, NodeProto node, Func<string, long[]> shapeOf, int gates)
    {
        (_writer, _node) = (writer, node);
        long[] r = shapeOf(node.Input[2]);
        (_length, _hidden) = (shapeOf(node.Input[0])[0], r[2]);
        bool plain = node.TextOr("direction", "forward") == "forward" && node.Find("activations") is null && node.Find("clip") is null
            && node.IntOr("layout", 0) == 0 && node.IntOr("input_forget", 0) == 0 && !Has(4) && !Has(7);
        if (!plain)
            throw new NotSupportedException($"This {node.OpType} is not written out.");
        _w = Turned(node.Input[1]);
        _r = Turned(node.Input[2]);
        if (!Has(3))
            return;
        string[] halves = Parts(writer.Node("Reshape", [node.Input[3], writer.Integers(-1)]), 2, gates * _hidden, 0);
        (_inputBias, _stateBias) = (halves[0], halves[1]);
    }

    public static void WriteLstm(NodeWriter writer, NodeProto node, Func<string, long[]> shapeOf)
    {
        var layer = new DoubleRecurrence(writer, node, shapeOf, 4);
        string h = layer.State(5, shapeOf), c = layer.State(6, shapeOf);
        var states = new List<string>();
        for (long step = 0; step < layer._length; step++)
        {
            string sum = writer.Node("Add", [layer.FromInput(step), layer.FromState(h)]);
            string[] gates = layer.Parts(sum, 4, layer._hidden, -1);
            string fresh = writer.Node("Mul", [writer.Node("Sigmoid", [gates[0]]), writer.Node("Tanh", [gates[3]])]);
            c = writer.Node("Add", [writer.Node("Mul", [writer.Node("Sigmoid", [gates[2]]), c]), fresh]);
            h = writer.Node("Mul", [writer.Node("Sigmoid", [gates[1]]), writer.Node("Tanh", [c])]);
            states.Add(h);
        }

        layer.Results(states, h, c);
    }

    public static void WriteGru(NodeWriter writer, NodeProto node, Func<string, long[]> shapeOf)
    {
        if (node.IntOr("linear_before_reset", 0) == 0)
            throw new NotSupportedException("A GRU that resets before its product is not written out.");
        var layer = new DoubleRecurrence(writer, node, shapeOf, 3);
        string h = layer.State(5, shapeOf);
        var states = new List<string>();
        for (long step = 0; step < layer._length; step++)
        {
            string[] x = layer.Parts(layer.FromInput(step), 3, layer._hidden, -1), r = layer.Parts(layer.FromState(h), 3, layer._hidden, -1);
            string update = writer.Node("Sigmoid", [writer.Node("Add", [x[0], r[0]])]), reset = writer.Node("Sigmoid", [writer.Node("Add", [x[1], r[1]])]);
            string fresh = writer.Node("Tanh", [writer.Node("Add", [x[2], writer.Node("Mul", [reset, r[2]])])]);
            string change = writer.Node("Mul", [update, writer.Node("Sub", [h, fresh])]);
            h = writer.Node("Add", [fresh, change]);
            states.Add(h);
        }

        layer.Results(states, h);
    }

    private bool Has(int input) => _node.Input.Count > input && _node.Input[input].Length > 0;

    private string Turned(string weights) =>
        _writer.Node("Transpose", [_writer.Node("Squeeze", [weights, _writer.Integers(0)])], ("perm", new long[] { 1, 0 }));

    private string State(int input, Func<string, long[]> shapeOf)
    {
        if (Has(input))
            return _writer.Node("Squeeze", [_node.Input[input], _writer.Integers(0)]);
        long batch = shapeOf(_node.Input[0])[1];
        return _writer.Numbers(new double[batch * _hidden], batch, _hidden);
    }

    private string FromInput(long step)
    {
        string x = _writer.Node("Gather", [_node.Input[0], _writer.Integer(step)], ("axis", 0L));
        return Biased(_writer.Node("MatMul", [x, _w]), _inputBias);
    }

    private string FromState(string state) => Biased(_writer.Node("MatMul", [state, _r]), _stateBias);

    private string Biased(string product, string? bias) => bias is null ? product : _writer.Node("Add", [product, bias]);

    private string[] Parts(string tensor, int count, long width, long axis) =>
        [.. Enumerable.Range(0, count).Select(part => _writer.Node(
            "Slice", [tensor, _writer.Integers(part * width), _writer.Integers((part + 1) * width), _writer.Integers(axis)]))];

    private void Results(List<string> states, params string[] last)
    {
        if (_node.Output[0].Length > 0)
        {
            string[] steps = [.. states.Select(state => _writer.Node("Unsqueeze", [state, _writer.Integers(0, 1)]))];
            _writer.NodeAs(_node.Output[0], "Concat", steps, ("axis", 0L));
        }

        for (int place = 0; place < last.Length; place++)
        {
            if (_node.Output.Count > place + 1 && _node.Output[place + 1].Length > 0)
                _writer.NodeAs(_node.Output[place + 1], "Unsqueeze", [last[place], _writer.Integers(0)]);
        }
    }
}
