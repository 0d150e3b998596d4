using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OrtAdaMomentum.Bench.Peers;

/// <summary>Two convolutions around which the input is added.</summary>
internal sealed class ResidualBlock : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> _inner;
    private readonly Module<Tensor, Tensor> _around;

    public ResidualBlock(long channels, long filters, long stride)
        : base(nameof(ResidualBlock))
    {
        _inner = Sequential(
            Conv2d(channels, filters, 3, stride, 1, bias: false), BatchNorm2d(filters), ReLU(), Conv2d(filters, filters, 3, 1, 1, bias: false), BatchNorm2d(filters));
        _around = channels == filters ? Identity() : Sequential(Conv2d(channels, filters, 1, stride, bias: false), BatchNorm2d(filters));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => (_inner.forward(input) + _around.forward(input)).relu();
}

/// <summary>MobileNetV2's block.</summary>
internal sealed class InvertedResidual : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> _inner;
    private readonly bool _adds;

    public InvertedResidual(long channels, long filters, long expansion, long stride)
        : base(nameof(InvertedResidual))
    {
        long wide = channels * expansion;
        List<Module<Tensor, Tensor>> parts = [];
        if (expansion > 1)
            parts.AddRange([Conv2d(channels, wide, 1, bias: false), BatchNorm2d(wide), ReLU6()]);
        parts.AddRange([Conv2d(wide, wide, 3, stride, 1, groups: wide, bias: false), BatchNorm2d(wide), ReLU6(), Conv2d(wide, filters, 1, bias: false), BatchNorm2d(filters)]);
        _inner = Sequential(parts);
        _adds = stride == 1 && channels == filters;
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => _adds ? _inner.forward(input) + input : _inner.forward(input);
}

/// <summary>An encoder layer that normalises after its sums, with exact Gelu and attention in products and Softmax.</summary>
internal sealed class EncoderLayer : Module<Tensor, Tensor>
{
    private const long Width = 384, Heads = 12, Inner = 1536;

    private readonly Module<Tensor, Tensor> _query = Linear(Width, Width);
    private readonly Module<Tensor, Tensor> _key = Linear(Width, Width);
    private readonly Module<Tensor, Tensor> _value = Linear(Width, Width);
    private readonly Module<Tensor, Tensor> _result = Linear(Width, Width);
    private readonly Module<Tensor, Tensor> _up = Linear(Width, Inner);
    private readonly Module<Tensor, Tensor> _down = Linear(Inner, Width);
    private readonly Module<Tensor, Tensor> _norm1 = LayerNorm(Width);
    private readonly Module<Tensor, Tensor> _norm2 = LayerNorm(Width);

    public EncoderLayer()
        : base(nameof(EncoderLayer)) => RegisterComponents();

    public override Tensor forward(Tensor input)
    {
        long batch = input.shape[0], length = input.shape[1];
        Tensor Split(Tensor x) => x.view(batch, length, Heads, Width / Heads).transpose(1, 2);
        var query = Split(_query.forward(input));
        var key = Split(_key.forward(input));
        var value = Split(_value.forward(input));
        var shares = functional.softmax(query.matmul(key.transpose(2, 3)) * (1 / Math.Sqrt(Width / Heads)), -1);
        var mixed = shares.matmul(value).transpose(1, 2).reshape(batch, length, Width);
        var x = _norm1.forward(input + _result.forward(mixed));
        return _norm2.forward(x + _down.forward(functional.gelu(_up.forward(x))));
    }
}

/// <summary>The first of a sequence.</summary>
internal sealed class FirstToken() : Module<Tensor, Tensor>(nameof(FirstToken))
{
    public override Tensor forward(Tensor input) => input.select(1, 0);
}

/// <summary>One LSTM layer, the batch first, without its last states.</summary>
internal sealed class LstmLayer : Module<Tensor, Tensor>
{
    private readonly TorchSharp.Modules.LSTM _layer;

    public LstmLayer(long units)
        : base(nameof(LstmLayer))
    {
        _layer = LSTM(units, units, batchFirst: true);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => _layer.forward(input).Item1;
}
