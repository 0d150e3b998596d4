using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Training;

/// <summary>One run of a plan: its steps, and the place that it has come to.</summary>
internal sealed class TrainingRun(FineTuningSession session, IDataset train, IDataset? validation, TrainingPlan plan, TimeProvider time) : IDisposable
{
    private readonly BatchCache _batches = new(session, train);
    private readonly int _totalSteps = plan.StepsFor(train.Count);
    private UpdateLimit? _limit;
    private BestEpoch? _best;
    private long _startTime;
    private long _samplesDone;
    private int _firstStep;
    private int _epoch;
    private int _step;
    private int _position;
    private int[] _order = [];

    public bool IsFinished => _epoch >= plan.Epochs || _best?.EpochsSince >= plan.EarlyStopping?.Patience;

    public void Start()
    {
        if (plan.MaximumUpdateNorm is { } norm)
            _limit = new UpdateLimit(session.Parameters, norm, session.Optimizer.Width);
        if (plan.Resume && File.Exists(plan.CheckpointPath))
            Resume(plan.CheckpointPath!);
        PaddingCheck.Run(session, train);
        session.LazyResetGrad();
        session.UseSchedule(
            plan.Schedule == LearningRateSchedules.Constant && plan.WarmupSteps == 0 ? null : LearningRateSchedules.Create(plan.Schedule, _totalSteps, plan.WarmupSteps), _step);
        _firstStep = _step;
        _startTime = time.GetTimestamp();
    }

    public TrainingProgress Step()
    {
        if (_order.Length == 0)
            _order = _batches.Order(SampleOrder.Permutation(train.Count, plan.Seed, _epoch), plan.BatchSize);
        int epoch = _epoch + 1;
        double learningRate = session.GetLearningRate();
        double loss = 0;
        int samples = 0, parts = 0;
        for (; parts < plan.AccumulationSteps && _position < train.Count; parts++)
        {
            var chosen = _order.AsMemory(_position, Math.Min(plan.BatchSize, train.Count - _position));
            loss += Train(chosen);
            samples += chosen.Length;
            _position += chosen.Length;
        }

        var outcome = session.StepOverSum(1f / parts);
        double? updateNorm = _limit?.Apply(session.Parameters);
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

        bool isChoosing = epochEnded && plan.EarlyStopping is not null;
        bool evaluate = validation is not null && (IsFinished || isChoosing || IsDue(plan.EvaluateEverySteps, epochEnded));
        var evaluation = evaluate ? new Trainer(session, time).Evaluate(validation!) : null;
        if (isChoosing)
            Choose(evaluation!.Loss);
        if (IsFinished || IsDue(plan.CheckpointEverySteps, epochEnded))
            Checkpoint();

        var elapsed = time.GetElapsedTime(_startTime);
        double perStep = elapsed.TotalSeconds / (_step - _firstStep);
        return new TrainingProgress(
            epoch, _step, _totalSteps, loss / samples, learningRate, outcome.GradientNorm, outcome.Applied,
            elapsed > TimeSpan.Zero ? _samplesDone / elapsed.TotalSeconds : 0, elapsed,
            IsFinished ? TimeSpan.Zero : TimeSpan.FromSeconds(perStep * (_totalSteps - _step)), evaluation)
        {
            UpdateNorm = updateNorm,
        };
    }

    /// <summary>Adds the gradient of some samples, the mean of theirs whatever batches they go into, and gives the sum of their losses.</summary>
    private double Train(ReadOnlyMemory<int> samples)
    {
        double loss = 0;
        foreach (var batch in _batches.Of(samples))
        {
            loss += (double)session.TrainStep(batch) * batch.Size;
            if (batch.Size != samples.Length)
                session.WeighGradients((float)batch.Size / samples.Length);
        }

        return loss;
    }

    public void Checkpoint()
    {
        if (plan.CheckpointPath is { } path)
            session.SaveCheckpoint(path, new TrainingCursor(_epoch, _step, _position, plan.Seed) { Settings = plan.SettingsFor(train.Count), Best = _best });
    }

    /// <summary>Goes back to the best epoch, when training is over.</summary>
    public void TakeBest()
    {
        if (_best is { EpochsSince: > 0 })
            session.LoadParameters(plan.BestPath);
    }

    public void Dispose()
    {
        _batches.Dispose();
        _limit?.Dispose();
    }

    /// <summary>
    /// Keeps the epoch that has just ended if it is the best one. Its file is written before the checkpoint: a resumption before that comes here
    /// again and writes the same.
    /// </summary>
    private void Choose(double loss)
    {
        if (_best is not null && !(loss < _best.Loss - plan.EarlyStopping!.MinimumImprovement))
        {
            _best = _best with { EpochsSince = _best.EpochsSince + 1 };
            return;
        }

        // A first loss that is not finite is beaten by any that is; JSON has no such number.
        _best = new BestEpoch(_epoch, double.IsFinite(loss) ? loss : double.MaxValue, 0);
        session.SaveCheckpoint(plan.BestPath);
    }

    private bool IsDue(int everySteps, bool epochEnded) => everySteps == 0 ? epochEnded : _step % everySteps == 0;

    private void Resume(string path)
    {
        if (session.LoadCheckpoint(path) is not { } cursor)
            return;
        plan.CheckContinues(cursor, train.Count);
        (_epoch, _step, _position, _) = cursor;
        _best = cursor.Best;
    }
}
