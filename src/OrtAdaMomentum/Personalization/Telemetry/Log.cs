using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Personalization;

/// <summary>Everything the service logs. Event ids: 1 to 19 service, 20 to 39 samples, 40 to 59 runs, 60 to 99 versions.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Serving version {Version} of {Count} in the registry; samples are taken in.")]
    public static partial void ServiceStarted(ILogger logger, string version, int count);

    [LoggerMessage(2, LogLevel.Information, "The fine-tuning service stops.")]
    public static partial void ServiceStopped(ILogger logger);

    [LoggerMessage(3, LogLevel.Error, "Problem ({Kind}): {Message}")]
    public static partial void ProblemMet(ILogger logger, FineTuningProblemKind kind, string message);

    [LoggerMessage(4, LogLevel.Information, "The problem ({Kind}) is over.")]
    public static partial void ProblemResolved(ILogger logger, FineTuningProblemKind kind);

    [LoggerMessage(5, LogLevel.Information, "The options of '{Model}' changed and are in force.")]
    public static partial void OptionsChanged(ILogger logger, string model);

    [LoggerMessage(6, LogLevel.Error, "The data folder '{Directory}' cannot be written. What is there is served; samples and runs wait until it can be.")]
    public static partial void FolderNotWritable(ILogger logger, string directory);

    [LoggerMessage(7, LogLevel.Information, "About the model: {Note}")]
    public static partial void ModelNoted(ILogger logger, string note);

    [LoggerMessage(10, LogLevel.Information, "The watchdog of systemd is answered, which waits for {Watchdog}.")]
    public static partial void WatchdogStarted(ILogger logger, TimeSpan watchdog);

    [LoggerMessage(11, LogLevel.Critical, "The watchdog of systemd is not answered any more, so that the service is started anew: {Problem}")]
    public static partial void WatchdogSilent(ILogger logger, string problem);

    [LoggerMessage(12, LogLevel.Error, "The watchdog of systemd cannot be answered.")]
    public static partial void WatchdogUnreachable(ILogger logger, Exception error);

    [LoggerMessage(20, LogLevel.Error, "Storing {Count} samples failed; those who brought them have been told.")]
    public static partial void StoringFailed(ILogger logger, Exception error, int count);

    [LoggerMessage(21, LogLevel.Error, "The samples of run {Run}, which is over, could not be given back to the store; they count as new at the next start.")]
    public static partial void SnapshotNotReleased(ILogger logger, Exception error, string run);

    [LoggerMessage(22, LogLevel.Error, "A sample is left out of this run and the next ones: {Problem}")]
    public static partial void SampleDamaged(ILogger logger, string problem);

    [LoggerMessage(23, LogLevel.Warning, "{Count} stored samples do not fit the model and are left out of the run, such as {Example}")]
    public static partial void SamplesDoNotFit(ILogger logger, int count, string example);

    [LoggerMessage(40, LogLevel.Information, "Run {Run} trains on {New} samples and {Rehearsal} rehearsal samples; {Choosing} held-out ones choose its epoch.")]
    public static partial void RunStarted(ILogger logger, string run, int @new, int rehearsal, int choosing);

    [LoggerMessage(41, LogLevel.Information, "Run {Run} goes on where it was interrupted.")]
    public static partial void RunResumed(ILogger logger, string run);

    [LoggerMessage(42, LogLevel.Warning, "The interrupted run {Run} is given up: {Reason}.")]
    public static partial void RunDiscarded(ILogger logger, string run, string reason);

    [LoggerMessage(43, LogLevel.Information, "Run {Run} is interrupted; it goes on from its checkpoint.")]
    public static partial void RunInterrupted(ILogger logger, string run);

    [LoggerMessage(44, LogLevel.Error, "The run failed; the current version stays.")]
    public static partial void RunFailed(ILogger logger, Exception error);

    [LoggerMessage(45, LogLevel.Debug, "Run {Run}: {Phase}, attempt {Attempt}.")]
    public static partial void RunAdvanced(ILogger logger, string run, RunPhase phase, int attempt);

    [LoggerMessage(46, LogLevel.Warning, "Run {Run} failed in attempt {Attempt} of {Maximum} and is tried again in {Delay}.")]
    public static partial void RunIsTriedAgain(ILogger logger, string run, int attempt, int maximum, TimeSpan delay);

    [LoggerMessage(47, LogLevel.Error, "Run {Run} is given up: {Reason}. Its samples count as used.")]
    public static partial void RunGivenUp(ILogger logger, string run, string reason);

    [LoggerMessage(48, LogLevel.Debug, "Run {Run} is over; its samples count as used.")]
    public static partial void RunEnded(ILogger logger, string run);

    [LoggerMessage(49, LogLevel.Warning, "How far the run is could not be written down.")]
    public static partial void RunNotWritten(ILogger logger, Exception error);

    [LoggerMessage(50, LogLevel.Information, "No run begins: {Reason}")]
    public static partial void NothingToTrain(ILogger logger, string reason);

    [LoggerMessage(60, LogLevel.Information, "Candidate {Version} is {Decision}: {Reason}")]
    public static partial void CandidateDecided(ILogger logger, string version, string decision, string reason);

    [LoggerMessage(61, LogLevel.Information, "Version {Version} is served from now on: {Reason}")]
    public static partial void VersionServed(ILogger logger, string version, string reason);

    [LoggerMessage(62, LogLevel.Information, "Imported the base model '{Path}' as version {Version}.")]
    public static partial void BaseModelImported(ILogger logger, string path, string version);

    [LoggerMessage(63, LogLevel.Warning, "The current version {Version} comes from another base model than the configured one, {Base}.")]
    public static partial void BaseModelChanged(ILogger logger, string version, string @base);

    [LoggerMessage(64, LogLevel.Information, "The current version is {Version}: {Reason}.")]
    public static partial void CurrentVersionSettled(ILogger logger, string version, string reason);

    [LoggerMessage(65, LogLevel.Error, "'{Path}' is damaged, so it is not known which version was current.")]
    public static partial void PointerUnreadable(ILogger logger, Exception error, string path);

    [LoggerMessage(66, LogLevel.Error, "'{Path}' names version {Version}, which is not in the registry or not accepted.")]
    public static partial void PointerDangling(ILogger logger, string path, string version);

    [LoggerMessage(67, LogLevel.Error, "Version {Version} cannot be used.")]
    public static partial void VersionDamaged(ILogger logger, Exception error, string version);

    [LoggerMessage(68, LogLevel.Error, "The folder '{Folder}' is no readable version; it is left alone.")]
    public static partial void VersionUnreadable(ILogger logger, Exception error, string folder);

    [LoggerMessage(69, LogLevel.Warning, "Removing '{Folder}', which an interruption left unfinished.")]
    public static partial void UnfinishedVersionRemoved(ILogger logger, string folder);

    [LoggerMessage(70, LogLevel.Information, "Version {Version} is removed, because newer ones are kept.")]
    public static partial void VersionPruned(ILogger logger, string version);

    [LoggerMessage(72, LogLevel.Error, "The base model '{Path}' cannot be used; what was served before goes on being served.")]
    public static partial void BaseModelUnusable(ILogger logger, Exception error, string path);

    [LoggerMessage(73, LogLevel.Warning, "Requests have drifted from the first ones to this version: {Features} reach an index of {Threshold}.")]
    public static partial void DriftBegan(ILogger logger, string features, double threshold);

    [LoggerMessage(74, LogLevel.Information, "Requests are again as the first ones to this version were.")]
    public static partial void DriftEnded(ILogger logger);

    [LoggerMessage(75, LogLevel.Warning, "What drift is measured against could not be kept in '{Path}'; it is gathered anew.")]
    public static partial void DriftReferenceLost(ILogger logger, Exception error, string path);

    [LoggerMessage(71, LogLevel.Warning, "The folder '{Folder}' could not be deleted; the next start tries again.")]
    public static partial void FolderNotDeleted(ILogger logger, Exception error, string folder);

    [LoggerMessage(77, LogLevel.Error, "Version {Version} is served, but this could not be written down.")]
    public static partial void PointerNotWritten(ILogger logger, Exception error, string version);

    [LoggerMessage(76, LogLevel.Warning, "Version {Version} was left, but this could not be written into its record.")]
    public static partial void VersionNotMarked(ILogger logger, Exception error, string version);
}
