using System.Diagnostics;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Bench.Models;
using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Bench;

/// <summary>Training steps on one batch that stays where it is.</summary>
internal sealed class TrainingWorkload : IWorkload
{
    private readonly FineTuningSession _session;
    private readonly TrainingBatch _batch;

    public TrainingWorkload(string model, int threads, KernelUse kernels, string folder)
    {
        _session = new FineTuningSession(TrainingArtifacts.Load(folder), new FineTuningOptions
        {
            Threads = threads,
            Kernels = kernels,
            OptimizerSettings = new OptimizerSettings { Threads = threads == 1 ? 1 : 0 },
        });
        _batch = _session.CreateBatch(ModelCase.Named(model).Batch);
        RandomInputs.Fill(_batch, _session.Manifest);
    }

    public long ParameterCount => _session.Parameters.Layout.ElementCount;

    public double Run()
    {
        _session.TrainStep(_batch);
        long before = Stopwatch.GetTimestamp();
        _session.OptimizerStep();
        return Stopwatch.GetElapsedTime(before).TotalSeconds;
    }

    public void Dispose()
    {
        _batch.Dispose();
        _session.Dispose();
    }
}
