namespace OrtAdaMomentum.Tests.Gradients.Walks;

/// <summary>The operators, with arguments by chance.</summary>
internal sealed partial class RandomModel
{
    private static readonly string[] Activations =
        ["Relu", "LeakyRelu", "Sigmoid", "Tanh", "Gelu", "Softplus", "Elu", "Selu", "HardSigmoid", "HardSwish", "Mish", "Softsign", "Erf", "Sin", "Neg", "Abs", "Identity", "Celu"];

    private static readonly string[] Pairs = ["Add", "Sub", "Mul", "Max", "Min", "Mean"];

    private void Elementwise(Value value)
    {
        switch (_random.Next(9))
        {
            case 0 or 1 or 2:
                Node(Activations[_random.Next(Activations.Length)], [value.Name], value.Shape);
                break;
            case 3 or 4:
                Node(Pairs[_random.Next(Pairs.Length)], [value.Name, Like(value).Name], value.Shape);
                break;
            case 5:
                string square = Temporary("Mul", [value.Name, value.Name]);
                string positive = Temporary("Add", [square, Number(1)]);
                switch (_random.Next(4))
                {
                    case 0:
                        Node("Sqrt", [positive], value.Shape);
                        break;
                    case 1:
                        Node("Log", [positive], value.Shape);
                        break;
                    case 2:
                        Node("Pow", [positive, Number(-0.75f)], value.Shape);
                        break;
                    default:
                        Node("Div", [Like(value).Name, positive], value.Shape);
                        break;
                }

                break;
            case 6:
                Node("Mul", [value.Name, Parameter(value.Shape[^1])], value.Shape);
                break;
            case 7:
                string isAbove = Temporary("Greater", [value.Name, Number(0.1f)]);
                // Both sides are equal where the condition changes, so that the loss has no jump.
                Node("Where", [isAbove, value.Name, Number(0.1f)], value.Shape);
                break;
            default:
                Node("Clip", [value.Name, Number(-0.9f), Number(1.1f)], value.Shape);
                break;
        }
    }

    private void OfVector(Value value)
    {
        int extent = value.Shape[0];
        switch (_random.Next(11))
        {
            case 0 or 1 or 2:
                Linear(value, _random.Next(2, 8));
                break;
            case 3:
                Node(_random.Next(2) == 0 ? "Softmax" : "LogSoftmax", [value.Name], value.Shape, ("axis", -1L));
                break;
            case 4:
                Node("LayerNormalization", [value.Name, Parameter(extent), Parameter(extent)], value.Shape, ("axis", -1L), ("epsilon", 1e-2f));
                break;
            case 5:
                var other = _values.Where(static other => other.Shape.Length == 1).ElementAt(_random.Next(_values.Count(static other => other.Shape.Length == 1)));
                Node("Concat", [value.Name, other.Name], [extent + other.Shape[0]], ("axis", 1L));
                break;
            case 6 when extent > 2:
                Node("Slice", [value.Name, Integers(1), Integers(extent), Integers(1)], [extent - 1]);
                break;
            case 7:
                Node("Gather", [value.Name, Integers(0, extent - 1, 0)], [3], ("axis", 1L));
                break;
            case 8 when extent % 2 == 0:
                Node("Reshape", [value.Name, Integers(_random.Next(2) == 0 ? 0 : -1, 2, extent / 2)], [2, extent / 2]);
                break;
            case 9:
                string mean = Temporary("ReduceMean", [value.Name, Integers(1)], ("keepdims", 1L));
                Node("Sub", [value.Name, mean], value.Shape);
                break;
            default:
                Node("Unsqueeze", [value.Name, Integers(1)], [1, extent]);
                break;
        }
    }

    private void OfSequence(Value value)
    {
        var (time, extent) = (value.Shape[0], value.Shape[1]);
        switch (_random.Next(11))
        {
            case 0 or 1:
                int to = _random.Next(2, 7);
                string product = Temporary("MatMul", [value.Name, Parameter(extent, to)]);
                Node("Add", [product, Parameter(to)], [time, to]);
                break;
            case 2:
                string keys = Temporary("Transpose", [value.Name], ("perm", new long[] { 0, 2, 1 }));
                string scores = Temporary("MatMul", [Like(value).Name, keys]);
                string weights = Temporary("Softmax", [Temporary("Mul", [scores, Number(0.5f)])], ("axis", -1L));
                Node("MatMul", [weights, value.Name], value.Shape);
                break;
            case 3:
                Node("LayerNormalization", [value.Name, Parameter(extent), Parameter(extent)], value.Shape, ("axis", -1L), ("epsilon", 1e-2f));
                break;
            case 4:
                Node("Transpose", [value.Name], [extent, time], ("perm", new long[] { 0, 2, 1 }));
                break;
            case 5:
                Node(_random.Next(2) == 0 ? "ReduceMean" : "ReduceL2", [value.Name, Integers(1)], [extent], ("keepdims", 0L));
                break;
            case 6:
                Recurrent(value);
                break;
            case 7:
                Node("Einsum", [value.Name, Parameter(extent, 3)], [time, 3], ("equation", "btf,fg->btg"));
                break;
            case 8 when time > 1:
                string[] parts = [$"part{_names++}", $"part{_names++}"];
                _builder.Node("Split", [value.Name, Integers(1, time - 1)], parts, ("axis", 1L));
                _read.Add(value.Name);
                _values.Add(new Value(parts[0], [1, extent]));
                _values.Add(new Value(parts[1], [time - 1, extent]));
                break;
            case 9:
                Node("Conv", [value.Name, Parameter(4, time, 3), Parameter(4)], [4, extent], ("pads", new long[] { 1, 1 }));
                break;
            default:
                Node("Flatten", [value.Name], [time * extent]);
                break;
        }
    }

    private void Recurrent(Value value)
    {
        const int hidden = 3;
        var (time, extent) = (value.Shape[0], value.Shape[1]);
        bool isLong = _random.Next(2) == 0;
        int gates = isLong ? 4 : 3;
        string turned = Temporary("Transpose", [value.Name], ("perm", new long[] { 1, 0, 2 }));
        string[] inputs = [turned, Parameter(1, gates * hidden, extent), Parameter(1, gates * hidden, hidden), Parameter(1, 2 * gates * hidden)];
        (string, object)[] attributes = isLong
            ? [("hidden_size", (long)hidden)]
            : [("hidden_size", (long)hidden), ("linear_before_reset", (long)_random.Next(2))];
        string all = Temporary(isLong ? "LSTM" : "GRU", inputs, attributes);
        string one = Temporary("Squeeze", [all, Integers(1)]);
        Node("Transpose", [one], [time, hidden], ("perm", new long[] { 1, 0, 2 }));
    }

    private void OfMap(Value value)
    {
        var (channels, height, width) = (value.Shape[0], value.Shape[1], value.Shape[2]);
        switch (_random.Next(14))
        {
            case 0 or 1 or 2:
                Convolution(value);
                break;
            case 3:
                Node("BatchNormalization", [value.Name, Parameter(channels), Parameter(channels), Fixed(channels, 0.1f), Fixed(channels, 1.5f)], value.Shape);
                break;
            case 4 when height > 2 && width > 2:
                string kind = _random.Next(2) == 0 ? "MaxPool" : "AveragePool";
                Node(kind, [value.Name], [channels, (height - 2) / 2 + 1, (width - 2) / 2 + 1], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }));
                break;
            case 5:
                string pooled = Temporary("GlobalAveragePool", [value.Name]);
                Node("Flatten", [pooled], [channels]);
                break;
            case 6:
                Node("InstanceNormalization", [value.Name, Parameter(channels), Parameter(channels)], value.Shape, ("epsilon", 1e-2f));
                break;
            case 7:
                Node("Pad", [value.Name, Integers(0, 0, 1, 0, 0, 0, 0, 1)], [channels, height + 1, width + 1], ("mode", height > 1 ? "reflect" : "edge"));
                break;
            case 8:
                Node("Concat", [value.Name, Like(value).Name], [2 * channels, height, width], ("axis", 1L));
                break;
            case 9:
                Node("Reshape", [value.Name, Integers(0, channels, -1)], [channels, height * width]);
                break;
            case 10:
                // A gate for each channel, as squeeze and excitation has.
                string mean = Temporary("ReduceMean", [value.Name, Integers(2, 3)], ("keepdims", 1L));
                string gate = Temporary("Sigmoid", [Temporary("Conv", [mean, Parameter(channels, channels, 1, 1)])]);
                Node("Mul", [value.Name, gate], value.Shape);
                break;
            case 11:
                Node("GroupNormalization", [value.Name, Parameter(1), Parameter(1)], value.Shape, ("num_groups", 1L), ("epsilon", 1e-2f));
                break;
            case 12 when channels % 4 == 0:
                Node("DepthToSpace", [value.Name], [channels / 4, 2 * height, 2 * width], ("blocksize", 2L), ("mode", _random.Next(2) == 0 ? "DCR" : "CRD"));
                break;
            default:
                Node("ConvTranspose", [value.Name, Parameter(channels, 2, 2, 2), Parameter(2)], [2, 2 * height, 2 * width], ("strides", new long[] { 2, 2 }));
                break;
        }
    }

    private void Convolution(Value value)
    {
        var (channels, height, width) = (value.Shape[0], value.Shape[1], value.Shape[2]);
        int size = _random.Next(1, 4), stride = _random.Next(1, 3), padding = _random.Next(0, 2);
        int groups = _random.Next(3) == 0 ? channels : 1;
        int filters = groups * _random.Next(1, 3) * (groups == 1 ? 2 : 1);
        int Extent(int extent) => (extent + 2 * padding - size) / stride + 1;
        if (height + 2 * padding < size || width + 2 * padding < size)
            return;
        string[] inputs = [value.Name, Parameter(filters, channels / groups, size, size), .. _random.Next(2) == 0 ? [Parameter(filters)] : Array.Empty<string>()];
        Node(
            "Conv", inputs, [filters, Extent(height), Extent(width)],
            ("pads", new long[] { padding, padding, padding, padding }), ("strides", new long[] { stride, stride }), ("group", (long)groups));
    }

    private string Fixed(int count, float value)
    {
        string name = $"fixed{_names++}";
        _builder.Initializer(name, [.. Enumerable.Repeat(value, count)], count);
        return name;
    }
}
