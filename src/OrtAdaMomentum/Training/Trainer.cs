using System.Runtime.CompilerServices;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Training;

/// <summary>Runs a plan over a dataset: batches, steps, schedule, evaluation, checkpoints.</summary>
public sealed class Trainer
{
    private readonly FineTuningSession _session;
    private readonly TimeProvider _time;

    /// <summary>Trains with a session, which stays the caller's.</summary>
    /// <param name="session">The session.</param>
    /// <param name="time">Measures pace and time left; null takes the system's clock.</param>
    public Trainer(FineTuningSession session, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(session);
        _session = session;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>
    /// Trains. Gives one item per step; the next step begins when the next item is asked for. When cancelled, it stops after the step that is
    /// running and writes a checkpoint if the plan has a path for one.
    /// </summary>
    /// <exception cref="FineTuningException">The plan or the data does not fit the model.</exception>
    public async IAsyncEnumerable<TrainingProgress> RunAsync(
        IDataset train, IDataset? validation, TrainingPlan plan, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(plan);
        plan.Validate();
        if (train.Count == 0)
            throw new FineTuningException("There are no samples to train with.");
        if (validation is { Count: 0 })
            throw new FineTuningException("There are no samples to validate with.");
        if (plan.EarlyStopping is not null && validation is null)
            throw new FineTuningException("Early stopping needs validation data.");

        var run = new TrainingRun(_session, train, validation, plan, _time);
        using (run)
        {
            run.Start();
            while (!run.IsFinished)
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    run.Checkpoint();
                    cancellationToken.ThrowIfCancellationRequested();
                }

                yield return await StepAsync(run).ConfigureAwait(false);
            }

            run.TakeBest();
        }
    }

    /// <summary>A change of threads takes as long as a small step, so that one who is on the right thread makes it there.</summary>
    private ValueTask<TrainingProgress> StepAsync(TrainingRun run) => _session.Threads switch
    {
        null => new(Task.Run(run.Step, CancellationToken.None)),
        { AreCurrent: true } => new(run.Step()),
        var threads => new(threads.RunAsync(run.Step)),
    };

    /// <summary>Evaluates the model as it is now.</summary>
    public Evaluation Evaluate(IDataset data, int batchSize = 256)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        using var batches = new BatchCache(_session, data);
        double loss = 0;
        long right = 0, total = 0;
        var samples = new int[Math.Min(batchSize, data.Count)];
        for (int start = 0; start < data.Count; start += batchSize)
        {
            int size = Math.Min(batchSize, data.Count - start);
            for (int index = 0; index < size; index++)
                samples[index] = start + index;
            foreach (var batch in batches.Of(samples.AsMemory(0, size)))
            {
                var outcome = _session.EvalStep(batch);
                var (partRight, partTotal) = Accuracy.Count(outcome);
                loss += (double)outcome.Loss * batch.Size;
                right += partRight;
                total += partTotal;
            }
        }

        return new Evaluation(data.Count == 0 ? double.NaN : loss / data.Count, total == 0 ? null : (double)right / total, data.Count);
    }
}
