namespace OrtAdaMomentum.Personalization;

/// <summary>Steers the service by hand. Safe for use from several threads at once.</summary>
public interface IFineTuningControl
{
    /// <summary>
    /// Starts a run as soon as the one under way, if any, is over, whatever the trigger says; conditions hold it up as any other. Completes with the gate's
    /// decision.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting; the run takes place nevertheless.</param>
    /// <exception cref="FineTuningException">The run failed, for instance because there are no samples.</exception>
    /// <exception cref="OperationCanceledException">The service stops.</exception>
    Task<GateDecision> RequestRunAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Lets training pause after the step under way, and no run start, until <see cref="ResumeAsync"/>, also over restarts. Another call changes the
    /// reason. Serving and samples go on.
    /// </summary>
    /// <param name="reason">Shown in <see cref="IFineTuningMonitor.PauseReasons"/>.</param>
    /// <param name="cancellationToken">Ends the waiting for another change that is under way.</param>
    /// <exception cref="FineTuningException">Training pauses, but this cannot be kept for the next start.</exception>
    Task PauseAsync(string reason, CancellationToken cancellationToken = default);

    /// <summary>Ends a pause by hand; conditions that are not met go on holding training up.</summary>
    /// <param name="cancellationToken">Ends the waiting for another change that is under way.</param>
    /// <exception cref="FineTuningException">The pause is over, but this cannot be kept for the next start.</exception>
    Task ResumeAsync(CancellationToken cancellationToken = default);

    /// <summary>Serves a version from now on, also one that the gate refused. A run under way does not replace it.</summary>
    /// <param name="version">Its id, the beginning of it, its label, or its number ("v3").</param>
    /// <param name="cancellationToken">Ends the waiting for another change that is under way.</param>
    /// <exception cref="FineTuningException">There is no such version, or it is damaged.</exception>
    Task<ModelVersion> PromoteAsync(string version, CancellationToken cancellationToken = default);

    /// <summary>Serves the parent of the current version from now on. A run under way does not replace it.</summary>
    /// <param name="cancellationToken">Ends the waiting for another change that is under way.</param>
    /// <exception cref="FineTuningException">The current version is a base model, or its parent is damaged or not kept any more.</exception>
    Task<ModelVersion> RollBackAsync(CancellationToken cancellationToken = default);
}
