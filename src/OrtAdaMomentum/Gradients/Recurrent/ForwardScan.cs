using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients.Recurrent;

/// <summary>A Scan of the model, as its gradient reads it.</summary>
internal sealed class ForwardScan
{
    private readonly GradientContext _node;
    private readonly GraphProto _body;
    private readonly int _inputs;
    private readonly long[] _inputAxes;
    private readonly long[] _inputDirections;
    private readonly long[] _outputAxes;
    private readonly long[] _outputDirections;

    public ForwardScan(GradientContext node)
    {
        _node = node;
        _body = node.Body("body");
        _inputs = (int)node.Integer("num_scan_inputs", 0);
        States = node.InputCount - _inputs;
        _inputAxes = node.Integers("scan_input_axes") ?? new long[_inputs];
        _inputDirections = node.Integers("scan_input_directions") ?? new long[_inputs];
        _outputAxes = node.Integers("scan_output_axes") ?? new long[_body.Output.Count - States];
        _outputDirections = node.Integers("scan_output_directions") ?? new long[_body.Output.Count - States];
        if (node.OutputCount != _body.Output.Count)
            throw new FineTuningException($"it declares {node.OutputCount} outputs where the graph inside has {_body.Output.Count}");
        if (GraphBuilder.IsRandom(_body))
            throw new FineTuningException("the graph inside draws random numbers, which would be others when it runs again for the gradient");
    }

    /// <summary>The number of states; inputs and outputs behind them are sequences.</summary>
    public int States { get; }

    public bool IsDifferentiable(int state) => _node.Input(state).ElementType.IsFloatingPoint();

    public int InputAxis(int input) => (int)_inputAxes[input - States];

    public bool InputIsBackwards(int input) => _inputDirections[input - States] != 0;

    public int OutputAxis(int output) => (int)_outputAxes[output - States];

    public bool OutputIsBackwards(int output) => _outputDirections[output - States] != 0;

    /// <summary>The name of an input of one run in its copy.</summary>
    public string InputName(int input, IReadOnlyDictionary<string, string> names) => names[_body.Input[input].Name];

    /// <summary>The name of an output of one run in its copy; a value from around the graph keeps its own.</summary>
    public string OutputName(int output, IReadOnlyDictionary<string, string> names) =>
        names.GetValueOrDefault(_body.Output[output].Name, _body.Output[output].Name);

    /// <summary>Writes the run again, on its own states and elements in the opposite order. Gives the names in the copy.</summary>
    public IReadOnlyDictionary<string, string> CopyInto(ScanBuilder scan)
    {
        TensorType[] types = [.. Enumerable.Range(0, _node.InputCount).Select(ElementType)];
        var names = new Dictionary<string, string>();
        for (int input = 0; input < types.Length; input++)
        {
            int index = input;
            names[_body.Input[index].Name] = index < States
                ? scan.Slice(() => StatesBefore(index), types[index], backwards: true, axis: 0).Name
                : scan.Slice(_node.Input(index), !InputIsBackwards(index), InputAxis(index)).Name;
        }

        var inferred = BodyTypes.Infer(_body, types, name => _node.Graph.Value(name).Type, _node.Graph.InitializerOf);
        return scan.Body.Copy(_body, inferred, names);
    }

    private TensorType ElementType(int input)
    {
        var type = _node.Input(input).Type;
        if (input < States)
            return type;
        int axis = InputAxis(input) < 0 ? InputAxis(input) + _node.Input(input).Rank : InputAxis(input);
        return type with { Shape = [.. _node.Input(input).Shape.Where((_, place) => place != axis)] };
    }

    /// <summary>The states before each run, which the forward Scan gives from now on.</summary>
    private SymbolicTensor StatesBefore(int state)
    {
        var first = _node.Input(States);
        int axis = InputAxis(States) < 0 ? InputAxis(States) + first.Rank : InputAxis(States);
        var type = _node.Input(state).Type;
        var stacked = type with { Shape = type.Shape is { } shape ? [first.Shape[axis], .. shape] : null };
        string name = _node.Graph.NewName("Identity");
        _body.Node.Add(new NodeProto { OpType = "Identity", Name = name, Input = { _body.Input[state].Name }, Output = { name } });
        _body.Output.Add(TensorTypes.ToProto(name, type));
        foreach (string list in (string[])["scan_output_axes", "scan_output_directions"])
            _node.Forward.Find(list)?.Ints.Add(0);
        return _node.Graph.AddOutput(_node.Forward, _node.OutputCount, stacked);
    }
}
