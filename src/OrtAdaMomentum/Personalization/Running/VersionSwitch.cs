using Microsoft.Extensions.Logging;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Changes the current version, one change at a time: the session is opened first, then the pointer is moved, then requests go to the
/// new session. What fails on the way leaves everything as it was.
/// </summary>
internal sealed class VersionSwitch(
    ModelRegistry registry, ModelServer server, FineTuningMetrics metrics, FineTuningMonitor monitor, ILogger<VersionSwitch> logger) : IDisposable
{
    /// <summary>A version was promoted because it passed the gate.</summary>
    public const string GateCause = "gate";

    /// <summary>A version was promoted by hand.</summary>
    public const string ManualCause = "manual";

    /// <summary>A version was rolled back because it did worse than its parent.</summary>
    public const string WatchCause = "watch";

    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Raised when another version is served, with the cause.</summary>
    public event Action<ModelVersion, string>? Switched;

    public void Dispose() => _one.Dispose();

    public async Task<ModelVersion> PromoteAsync(string id, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return Switch(registry.Get(id), ManualCause, "promoted by hand", registry.SetCurrent);
        }
        finally
        {
            _one.Release();
        }
    }

    public async Task<ModelVersion> RollBackAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var left = registry.Current;
            return Switch(registry.ParentOf(left), "rollback", $"rolled back from {left.Label}", (_, reason) => registry.RollBack(reason));
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Serves the parent of a version, if that version is still the current one.</summary>
    /// <returns>Whether it was.</returns>
    public async Task<bool> RollBackFromAsync(string version, string reason, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (registry.Current.Id != version)
                return false;
            _ = Switch(registry.ParentOf(registry.Current), WatchCause, reason, (_, why) => registry.RollBack(why));
            return true;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>
    /// Commits a candidate with the gate's decision and promotes it if it passed. One that was trained from a version which has been left
    /// meanwhile is not promoted: whoever left it does not want what came of it. Nor is one that was promoted before and left. Doing it again after an
    /// interruption does what is still to do.
    /// </summary>
    public async Task<GateDecision> SettleAsync(byte[] model, ModelVersion parent, GateDecision decision, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var known = registry.Find(ContentHash.Of(model));
            if (known is not null && known.Id == registry.Current.Id)
            {
                // Promoted already, by a process that ended before it could write that down; or the training changed nothing.
                monitor.Decided(known, decision);
                return decision;
            }

            string? objection = decision.Promote ? Objection(known, parent) : null;
            if (objection is not null)
                decision = decision with { Promote = false, Reason = objection };

            var candidate = registry.Commit(model, parent, decision);
            if (candidate.Accepted && objection is not null)
                candidate = registry.Refuse(candidate, objection); // committed as accepted before an interruption
            Log.CandidateDecided(logger, candidate.Label, decision.Promote ? "accepted" : "refused", decision.Reason);
            monitor.Decided(candidate, decision);
            if (decision.Promote)
            {
                monitor.Enter(FineTuningState.Promoting);
                _ = Switch(candidate, GateCause, decision.Reason, registry.SetCurrent);
            }

            return decision;
        }
        finally
        {
            _one.Release();
        }
    }

    private string? Objection(ModelVersion? known, ModelVersion parent)
    {
        if (registry.Current.Id != parent.Id)
            return $"The current version changed from {parent.Label} to {registry.Current.Label} while the candidate was trained.";
        return known is { Accepted: false, Decision.Promote: true }
            ? $"The candidate is the same as version {known.Label}, which was left: {known.Reason}."
            : null;
    }

    private ModelVersion Switch(ModelVersion version, string cause, string reason, Func<ModelVersion, string, ModelVersion> setCurrent)
    {
        using var activity = FineTuningMetrics.Activities.StartActivity("finetuning.promote");
        activity?.SetTag("ortadamomentum.version", version.Label).SetTag("ortadamomentum.cause", cause);
        var loaded = server.Load(version, givesWay: true);
        try
        {
            version = setCurrent(version, reason);
        }
        catch
        {
            loaded.Release();
            throw;
        }

        server.Exchange(loaded);
        metrics.Promoted(cause);
        Switched?.Invoke(version, cause);
        monitor.Served(version, reason);
        Log.VersionServed(logger, version.Label, reason);
        return version;
    }
}
