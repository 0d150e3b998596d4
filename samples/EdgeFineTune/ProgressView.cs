using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Training;
using Spectre.Console;

namespace OrtAdaMomentum.Samples.EdgeFineTune;

/// <summary>Shows a run as it goes: a bar on a terminal, plain lines elsewhere. Everything goes to standard error but the table at the end.</summary>
internal sealed class ProgressView(bool isTerminal)
{
    private double? _accuracy;

    // Not through the console library, which would break lines at a width that a file does not have.
    public static void Line(string text) => Console.Error.WriteLine(text);

    /// <summary>Watches until the run's outcome is known and, if it was promoted, served.</summary>
    /// <exception cref="FineTuningException">The run failed.</exception>
    public async Task<RunLog> WatchAsync(IFineTuningMonitor monitor, CancellationToken cancellationToken)
    {
        var log = new RunLog();
        if (!isTerminal)
        {
            await FollowAsync(monitor, log, null, cancellationToken);
            return log;
        }

        await AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(context => FollowAsync(monitor, log, context.AddTask("waiting for handwriting"), cancellationToken));
        return log;
    }

    private async Task FollowAsync(IFineTuningMonitor monitor, RunLog log, ProgressTask? bar, CancellationToken cancellationToken)
    {
        await foreach (var item in monitor.WatchAsync(cancellationToken))
        {
            switch (item)
            {
                case StateChanged change when bar is null:
                    Line(change.State.ToString().ToLowerInvariant());
                    break;
                case TrainingProgressed { Progress: var progress }:
                    log.Steps.Add(progress);
                    Show(progress, bar);
                    break;
                case CandidateDecided decided:
                    log.Decision = decided;
                    if (bar is null)
                        Line(decided.Decision.Reason);
                    if (!decided.Decision.Promote)
                        return;
                    break;
                case VersionServed served when log.Decision is not null:
                    log.Served = served;
                    return;
                case RunFailed failed:
                    throw new FineTuningException($"Fine-tuning failed: {failed.Message}");
            }
        }

        throw new FineTuningException("The service ended before the run did.");
    }

    private void Show(TrainingProgress progress, ProgressTask? bar)
    {
        _accuracy = progress.Validation?.Accuracy ?? _accuracy;
        string text =
            $"step {progress.Step}/{progress.TotalSteps}  loss {progress.Loss:F4}"
            + (_accuracy is { } accuracy ? $"  accuracy {accuracy:P1}" : "")
            + $"  {progress.SamplesPerSecond:F0} samples/s  {progress.Remaining.TotalSeconds:F0} s left";
        if (bar is null)
        {
            if (progress.Validation is not null || progress.Step % 20 == 0)
                Line(text);
            return;
        }

        bar.MaxValue = progress.TotalSteps;
        bar.Value = progress.Step;
        bar.Description = Markup.Escape(text);
    }
}
