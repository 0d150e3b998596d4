using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>The same model on the stock runtime.</summary>
internal sealed class StockSide(JudgedModel model, KernelUse kernels = KernelUse.On) : IDisposable
{
    public FineTuningSession Session { get; } = new(ArtifactGenerator.Generate(model.Load(), model.Options), new FineTuningOptions { Threads = 1, Kernels = kernels });

    public void Dispose() => Session.Dispose();
}
