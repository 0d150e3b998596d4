using System.Diagnostics;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OrtAdaMomentum.Bench.Peers;

/// <summary>Training steps with AdamW on one batch that stays where it is. A frozen backbone runs without gradients and as it is served.</summary>
internal sealed class TrainingWorkload : IWorkload
{
    private readonly PeerModel _model;
    private readonly bool _full;
    private readonly bool _headOnly;
    private readonly optim.Optimizer _optimizer;

    public TrainingWorkload(string model, string mode, int threads)
    {
        set_num_threads(threads);
        random.manual_seed(5);
        _model = PeerModel.Create(model);
        _full = mode == Modes.Full;
        IEnumerable<TorchSharp.Modules.Parameter> trained = mode switch
        {
            Modes.Full => _model.Backbone.parameters().Concat(_model.Middle.parameters()).Concat(_model.Head.parameters()),
            Modes.Head => _model.Head.parameters(),
            Modes.Tail => _model.Middle.parameters().Concat(_model.Head.parameters()),
            _ => throw new ArgumentException($"There is no mode '{mode}'."),
        };
        foreach (var module in new[] { _model.Backbone, _model.Middle, _model.Head })
            module.train(_full);
        _headOnly = mode == Modes.Head;
        TorchSharp.Modules.Parameter[] parameters = [.. trained];
        ParameterCount = parameters.Sum(static parameter => parameter.numel());
        _optimizer = optim.AdamW(parameters, 1e-3);
    }

    public long ParameterCount { get; }

    public double Run()
    {
        using var scope = NewDisposeScope();
        _optimizer.zero_grad();
        var x = Frozen(_model.Backbone, _model.Input, !_full);
        x = Frozen(_model.Middle, x, _headOnly);
        var loss = _model.Loss(_model.Head.forward(x));
        loss.backward();
        loss.item<float>();
        long before = Stopwatch.GetTimestamp();
        _optimizer.step();
        return Stopwatch.GetElapsedTime(before).TotalSeconds;
    }

    public void Dispose() => _optimizer.Dispose();

    private static Tensor Frozen(Module<Tensor, Tensor> module, Tensor x, bool frozen)
    {
        if (!frozen)
            return module.forward(x);
        using var none = no_grad();
        return module.forward(x);
    }
}
