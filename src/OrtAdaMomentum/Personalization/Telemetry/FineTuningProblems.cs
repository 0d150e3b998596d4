using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// What is wrong now, at most one problem of each kind. Whoever meets a problem reports it, and resolves it when the same work succeeds again; both may
/// be called as often as one likes, since only a change is logged and published.
/// </summary>
internal sealed class FineTuningProblems(TimeProvider time, ILogger<FineTuningProblems> logger)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<FineTuningProblemKind, FineTuningProblem> _problems = [];

    /// <summary>Raised after a change, with what is wrong from now on.</summary>
    public event Action<IReadOnlyList<FineTuningProblem>>? Changed;

    public IReadOnlyList<FineTuningProblem> Current
    {
        get
        {
            lock (_lock)
                return [.. _problems.Values];
        }
    }

    public void Report(FineTuningProblemKind kind, string message)
    {
        lock (_lock)
        {
            var before = _problems.GetValueOrDefault(kind);
            if (before?.Message == message)
                return;
            _problems[kind] = new FineTuningProblem(kind, message, before?.Since ?? time.GetUtcNow());
            Log.ProblemMet(logger, kind, message);
            Changed?.Invoke([.. _problems.Values]);
        }
    }

    public void Resolve(FineTuningProblemKind kind)
    {
        lock (_lock)
        {
            if (!_problems.Remove(kind))
                return;
            Log.ProblemResolved(logger, kind);
            Changed?.Invoke([.. _problems.Values]);
        }
    }
}
