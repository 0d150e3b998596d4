using OrtAdaMomentum.Bench.Models;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Bench;

/// <summary>The forward pass of a model, its weights constant, as the frozen part of a model is run.</summary>
internal sealed class ForwardWorkload : IWorkload
{
    private readonly BoundSession _bound;

    public ForwardWorkload(string model, int threads, string file) =>
        _bound = new BoundSession(RuntimeSession.Open(File.ReadAllBytes(file), new FineTuningOptions { Threads = threads }), ModelCase.Named(model).Batch);

    public double Run()
    {
        _bound.Run();
        return 0;
    }

    public void Dispose() => _bound.Dispose();
}
