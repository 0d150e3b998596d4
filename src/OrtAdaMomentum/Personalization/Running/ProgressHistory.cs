using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The steps of the latest run, for a curve: a bounded number of them, evenly spread, and all that were measured on held-out samples as long as those
/// are few. When there are too many, every second one goes and from then on only every second one is taken.
/// </summary>
internal sealed class ProgressHistory
{
    /// <summary>More points than a curve on a screen shows.</summary>
    public const int Capacity = 512;

    private readonly List<TrainingProgress> _kept = [];
    private int _stride = 1;
    private int _step;

    public IReadOnlyList<TrainingProgress> Points => [.. _kept];

    public void Add(TrainingProgress progress)
    {
        // A run that goes on after an interruption continues the curve; another run begins a new one.
        if (progress.Step <= _step)
        {
            _kept.Clear();
            _stride = 1;
        }

        _step = progress.Step;
        if (progress.Validation is null && progress.Step % _stride != 0)
            return;
        if (_kept.Count == Capacity)
            Thin();
        _kept.Add(progress);
    }

    private void Thin()
    {
        _stride *= 2;
        _kept.RemoveAll(point => point.Validation is null && point.Step % _stride != 0);
        if (_kept.Count == Capacity)
        {
            int place = 0;
            _kept.RemoveAll(_ => place++ % 2 == 1);
        }
    }
}
