namespace OrtAdaMomentum.Personalization;

/// <summary>Looks, as often as the trigger is asked, whether the files of the models are still what they were, and shows what is wrong.</summary>
internal sealed class RegistryWatch(ModelRegistry registry, FineTuningProblems problems, CurrentOptions options, TimeProvider time)
{
    /// <summary>Runs until it is cancelled.</summary>
    /// <param name="directory">The data folder, which is locked as soon as it can be.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(DataDirectoryLock directory, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Look(directory);
            await Task.Delay(options.Value.TriggerInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Look(DataDirectoryLock directory)
    {
        IReadOnlyList<string> found = [.. registry.Examine(), .. directory.Hold() is { } taken ? [taken] : Array.Empty<string>()];
        if (found.Count == 0)
            problems.Resolve(FineTuningProblemKind.Registry);
        else
            problems.Report(FineTuningProblemKind.Registry, string.Join(" ", found));
    }
}
