using System.Runtime.CompilerServices;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Optimizers;
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

        var run = new Run(_session, train, validation, plan, _time);
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

                yield return await Task.Run(run.Step, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

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
            var part = samples.AsSpan(0, Math.Min(batchSize, data.Count - start));
            for (int index = 0; index < part.Length; index++)
                part[index] = start + index;
            var outcome = _session.EvalStep(batches.Filled(part));
            var (partRight, partTotal) = Accuracy.Count(outcome);
            loss += (double)outcome.Loss * part.Length;
            right += partRight;
            total += partTotal;
        }

        return new Evaluation(data.Count == 0 ? double.NaN : loss / data.Count, total == 0 ? null : (double)right / total, data.Count);
    }

    /// <summary>One run of a plan.</summary>
    private sealed class Run(FineTuningSession session, IDataset train, IDataset? validation, TrainingPlan plan, TimeProvider time) : IDisposable
    {
        private readonly BatchCache _batches = new(session, train);
        private readonly int _totalSteps = plan.StepsFor(train.Count);
        private long _startTime;
        private long _samplesDone;
        private int _firstStep;
        private int _epoch;
        private int _step;
        private int _position;
        private int[] _order = [];

        public bool IsFinished => _epoch >= plan.Epochs;

        public void Start()
        {
            if (plan.Resume && File.Exists(plan.CheckpointPath))
                Resume(plan.CheckpointPath!);
            session.LazyResetGrad();
            session.UseSchedule(
                plan.Schedule == LearningRateSchedules.Constant && plan.WarmupSteps == 0 ? null : LearningRateSchedules.Create(plan.Schedule, _totalSteps, plan.WarmupSteps), _step);
            _firstStep = _step;
            _startTime = time.GetTimestamp();
        }

        public TrainingProgress Step()
        {
            if (_order.Length == 0)
                _order = SampleOrder.Permutation(train.Count, plan.Seed, _epoch);
            int epoch = _epoch + 1;
            double learningRate = session.GetLearningRate();
            double loss = 0;
            int samples = 0;
            for (int part = 0; part < plan.AccumulationSteps && _position < train.Count; part++)
            {
                var chosen = _order.AsSpan(_position, Math.Min(plan.BatchSize, train.Count - _position));
                loss += (double)session.TrainStep(_batches.Filled(chosen)) * chosen.Length;
                samples += chosen.Length;
                _position += chosen.Length;
            }

            var outcome = session.OptimizerStep(average: true);
            session.SchedulerStep();
            _step++;
            _samplesDone += samples;
            bool epochEnded = _position >= train.Count;
            if (epochEnded)
            {
                _epoch++;
                _position = 0;
                _order = [];
            }

            bool evaluate = validation is not null && (IsFinished || IsDue(plan.EvaluateEverySteps, epochEnded));
            var evaluation = evaluate ? new Trainer(session, time).Evaluate(validation!) : null;
            if (IsFinished || IsDue(plan.CheckpointEverySteps, epochEnded))
                Checkpoint();

            var elapsed = time.GetElapsedTime(_startTime);
            double perStep = elapsed.TotalSeconds / (_step - _firstStep);
            return new TrainingProgress(
                epoch, _step, _totalSteps, loss / samples, learningRate, outcome.GradientNorm, outcome.Applied,
                elapsed > TimeSpan.Zero ? _samplesDone / elapsed.TotalSeconds : 0, elapsed,
                TimeSpan.FromSeconds(perStep * (_totalSteps - _step)), evaluation);
        }

        public void Checkpoint()
        {
            if (plan.CheckpointPath is { } path)
                session.SaveCheckpoint(path, new TrainingCursor(_epoch, _step, _position, plan.Seed) { Settings = plan.SettingsFor(train.Count) });
        }

        public void Dispose() => _batches.Dispose();

        private bool IsDue(int everySteps, bool epochEnded) => everySteps == 0 ? epochEnded : _step % everySteps == 0;

        private void Resume(string path)
        {
            if (session.LoadCheckpoint(path) is not { } cursor)
                return;
            plan.CheckContinues(cursor, train.Count);
            (_epoch, _step, _position, _) = cursor;
        }
    }
}
