namespace OrtAdaMomentum.Personalization;

/// <summary>Looks, as often as the trigger is asked, whether the files of the models are still what they were, and shows what is wrong.</summary>
internal sealed class RegistryWatch(ModelRegistry registry, FineTuningProblems problems, CurrentOptions options, TimeProvider time)
{
    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Look();
            await Task.Delay(options.Value.TriggerInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Look()
    {
        var found = registry.Examine();
        if (found.Count == 0)
            problems.Resolve(FineTuningProblemKind.Registry);
        else
            problems.Report(FineTuningProblemKind.Registry, string.Join(" ", found));
    }
}
