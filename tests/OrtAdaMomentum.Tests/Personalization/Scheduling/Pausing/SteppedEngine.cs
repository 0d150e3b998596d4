using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Pausing;

/// <summary>The real engine, with a word after each step from the thread that trains.</summary>
internal sealed class SteppedEngine(ITrainingEngine engine) : ITrainingEngine
{
    private readonly List<int> _steps = [];

    /// <summary>Called after a step, before the next one may begin.</summary>
    public Action<int> AfterStep { get; set; } = static _ => { };

    public int Calls { get; private set; }

    public int CallsUnderWay { get; private set; }

    public int[] Steps
    {
        get
        {
            lock (_steps)
                return [.. _steps];
        }
    }

    public SampleSchema Describe(byte[] model) => engine.Describe(model);

    public void Admit(byte[] model) => engine.Admit(model);

    public async Task TrainAsync(TrainingJob job, Action<TrainingProgress> progress, CancellationToken cancellationToken)
    {
        (Calls, CallsUnderWay) = (Calls + 1, CallsUnderWay + 1);
        try
        {
            await engine.TrainAsync(
                job,
                step =>
                {
                    lock (_steps)
                        _steps.Add(step.Step);
                    progress(step);
                    AfterStep(step.Step);
                },
                cancellationToken);
        }
        finally
        {
            CallsUnderWay--;
        }
    }

    public Task<MeasuredModel> ScoreAsync(byte[] model, IDataset heldOut, IDataset? golden, CancellationToken cancellationToken) =>
        engine.ScoreAsync(model, heldOut, golden, cancellationToken);
}
