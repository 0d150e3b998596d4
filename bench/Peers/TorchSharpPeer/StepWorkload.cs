using static TorchSharp.torch;

namespace OrtAdaMomentum.Bench.Peers;

/// <summary>A step of Adam or AdamW over tensors of equal size.</summary>
internal sealed class StepWorkload : IWorkload
{
    private readonly optim.Optimizer _optimizer;

    public StepWorkload(string optimizer, int size, int tensors, int threads)
    {
        set_num_threads(threads);
        TorchSharp.Modules.Parameter[] parameters = [.. Enumerable.Range(0, tensors).Select(_ => new TorchSharp.Modules.Parameter(rand(size / tensors)))];
        foreach (var parameter in parameters)
            parameter.grad = rand(size / tensors);
        ParameterCount = size / tensors * tensors;
        _optimizer = optimizer switch
        {
            "adam" => optim.Adam(parameters, 1e-3),
            "adamw" => optim.AdamW(parameters, 1e-3),
            _ => throw new ArgumentException($"There is no optimizer '{optimizer}'."),
        };
    }

    public long ParameterCount { get; }

    public double Run()
    {
        using var scope = NewDisposeScope();
        _optimizer.step();
        return 0;
    }

    public void Dispose() => _optimizer.Dispose();
}
