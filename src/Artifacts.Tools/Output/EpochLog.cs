using OrtAdaMomentum.Tools.Reports;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tools.Output;

/// <summary>Gathers the steps of a run into epochs. That an epoch has ended shows at the first step of the next, or at the end of training.</summary>
internal sealed class EpochLog
{
    private readonly List<EpochReport> _epochs = [];
    private TrainingProgress? _last;
    private Evaluation? _validation;
    private double _lossSum;
    private int _steps;

    /// <summary>The epochs that have ended.</summary>
    public IReadOnlyList<EpochReport> Epochs => _epochs;

    /// <summary>The last step.</summary>
    public TrainingProgress? Last => _last;

    /// <summary>The last evaluation.</summary>
    public Evaluation? Validation { get; private set; }

    /// <summary>Steps that changed nothing.</summary>
    public int SkippedSteps { get; private set; }

    /// <summary>Takes a step in; gives the epoch that ended before it, if one did.</summary>
    public EpochReport? Add(TrainingProgress progress)
    {
        var ended = _last is not null && progress.Epoch != _last.Epoch ? End() : null;
        _last = progress;
        _lossSum += progress.Loss;
        _steps++;
        if (!progress.Applied)
            SkippedSteps++;
        if (progress.Validation is { } validation)
            Validation = _validation = validation;
        return ended;
    }

    /// <summary>Ends the epoch that is running; null when there is none.</summary>
    public EpochReport? End()
    {
        if (_last is null || _steps == 0)
            return null;
        var epoch = new EpochReport(_last.Epoch, _last.Step, Units.Finite(_lossSum / _steps), EvaluationReport.Of(_validation));
        _epochs.Add(epoch);
        (_lossSum, _steps, _validation) = (0, 0, null);
        return epoch;
    }
}
