using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients.Walks;

/// <summary>
/// A model that chance puts together: operators take values that others left, several take the same one, parameters are shared, and everything leads to
/// the output. The same seed gives the same model, whatever is written for the batch.
/// </summary>
internal sealed partial class RandomModel
{
    public const int Outputs = 3;

    private readonly Random _random;
    private readonly ModelBuilder _builder;
    private readonly List<Value> _values = [];
    private readonly HashSet<string> _read = [];
    private readonly List<(string Name, int[] Shape)> _parameters = [];
    private int _names;

    private RandomModel(int seed, Dimension batch)
    {
        _random = new Random(seed);
        _builder = new ModelBuilder(opset: 20, irVersion: 9);
        int[] shape = _random.Next(3) switch
        {
            0 => [6],
            1 => [4, 6],
            _ => [2, 6, 6],
        };
        InputShape = shape;
        _builder.Input("x", new TensorType(ElementType.Float, [batch, .. shape.Select(static extent => Dimension.Of(extent))]));
        _values.Add(new Value("x", shape));
    }

    /// <summary>Extents of a sample.</summary>
    public int[] InputShape { get; }

    /// <summary>Names of the operators, in the order of the graph.</summary>
    public IEnumerable<string> Operators => _builder.Build().Graph.Node.Select(static node => node.OpType);

    public OnnxModel Model { get; private set; } = null!;

    /// <param name="seed">Decides everything.</param>
    /// <param name="batch">What the model's input says of the batch.</param>
    public static RandomModel Of(int seed, Dimension batch)
    {
        var model = new RandomModel(seed, batch);
        int steps = model._random.Next(3, 12);
        for (int step = 0; step < steps; step++)
            model.Step();
        model.Join(batch);
        model.Model = new OnnxModel(model._builder.Build(), $"random {seed}");
        return model;
    }

    private void Step()
    {
        // Later values rather than earlier ones, so that the graph becomes deep.
        var value = _values[Math.Max(_random.Next(_values.Count), _random.Next(_values.Count))];
        switch (_random.Next(6))
        {
            case 0 or 1:
                Elementwise(value);
                return;
            case 2:
                Shaping(value);
                return;
        }

        switch (value.Shape.Length)
        {
            case 1:
                OfVector(value);
                break;
            case 2:
                OfSequence(value);
                break;
            default:
                OfMap(value);
                break;
        }
    }

    /// <summary>What nothing read goes through a linear layer into the output.</summary>
    private void Join(Dimension batch)
    {
        List<string> terms = [];
        foreach (var value in _values.Where(value => !_read.Contains(value.Name)).ToList())
        {
            var row = value.Shape.Length == 1 ? value : Node("Flatten", [value.Name], [value.Count]);
            terms.Add(Linear(row, Outputs).Name);
        }

        _builder.Node("Sum", [.. terms], ["y"]).Output("y", new TensorType(ElementType.Float, [batch, Outputs]));
    }

    private Value Node(string operatorType, string[] inputs, int[] shape, params (string Name, object Value)[] attributes)
    {
        string name = Temporary(operatorType, inputs, attributes);
        var value = new Value(name, shape);
        _values.Add(value);
        return value;
    }

    /// <summary>A node whose output only the next one reads.</summary>
    private string Temporary(string operatorType, string[] inputs, params (string Name, object Value)[] attributes)
    {
        string name = $"{operatorType}{_names++}";
        _builder.Node(operatorType, inputs, [name], attributes);
        _read.UnionWith(inputs);
        return name;
    }

    /// <summary>A new parameter, or now and then one of that shape that is there already.</summary>
    private string Parameter(params int[] shape)
    {
        var alike = _parameters.Where(parameter => parameter.Shape.SequenceEqual(shape)).ToList();
        if (alike.Count > 0 && _random.Next(4) == 0)
            return alike[_random.Next(alike.Count)].Name;
        string name = $"parameter{_parameters.Count}";
        int count = shape.Aggregate(1, static (product, extent) => product * extent);
        float scale = shape.Length > 1 ? MathF.Sqrt(3f * shape[0] / count) : 0.5f;
        float[] values = new float[count];
        foreach (ref float value in values.AsSpan())
            value = scale * ((2 * _random.NextSingle()) - 1);
        _builder.Initializer(name, values, [.. shape.Select(static extent => (long)extent)]);
        _parameters.Add((name, shape));
        return name;
    }

    private string Integers(params long[] values)
    {
        string name = $"integers{_names++}";
        _builder.Initializer(name, values, values.Length);
        return name;
    }

    private string Number(float value)
    {
        string name = $"number{_names++}";
        _builder.Initializer(name, [value]);
        return name;
    }

    private Value Linear(Value row, int to)
    {
        if (_random.Next(2) == 0)
            return Node("Gemm", [row.Name, Parameter(to, row.Shape[0]), Parameter(to)], [to], ("transB", 1L));
        string product = Temporary("MatMul", [row.Name, Parameter(row.Shape[^1], to)]);
        return Node("Add", [product, Parameter(to)], [.. row.Shape[..^1], to]);
    }

    /// <summary>Another value of the same shape; itself where there is none.</summary>
    private Value Like(Value value)
    {
        var alike = _values.Where(other => other.Shape.SequenceEqual(value.Shape)).ToList();
        return alike[_random.Next(alike.Count)];
    }

    private readonly record struct Value(string Name, int[] Shape)
    {
        public int Count => Shape.Aggregate(1, static (product, extent) => product * extent);
    }
}
