using System.Diagnostics;
using System.Globalization;
using OrtAdaMomentum.Tools.Reports;
using OrtAdaMomentum.Training;
using Spectre.Console;

namespace OrtAdaMomentum.Tools.Output;

/// <summary>Shows training on standard error while it runs: a bar on a terminal, otherwise a line now and then; and a line for every epoch.</summary>
internal sealed class TrainingDisplay(ToolConsole console, int epochs, EpochLog log)
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    public async Task RunAsync(IAsyncEnumerable<TrainingProgress> steps)
    {
        if (console.Status.Profile.Out.IsTerminal)
            await console.Status.Progress().AutoClear(true)
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(context => ShowBarAsync(context, steps));
        else
            await ShowLinesAsync(steps);
    }

    private async Task ShowBarAsync(ProgressContext context, IAsyncEnumerable<TrainingProgress> steps)
    {
        var bar = context.AddTask("starting");
        await foreach (var progress in steps)
        {
            ShowEpoch(log.Add(progress));
            bar.MaxValue = progress.TotalSteps;
            bar.Value = progress.Step;
            bar.Description = Markup.Escape(
                $"epoch {progress.Epoch}/{epochs}  loss {Units.Number(progress.Loss)}  {Pace(progress.SamplesPerSecond)}");
        }

        ShowEpoch(log.End());
    }

    private async Task ShowLinesAsync(IAsyncEnumerable<TrainingProgress> steps)
    {
        var sinceLine = Stopwatch.StartNew();
        await foreach (var progress in steps)
        {
            ShowEpoch(log.Add(progress));
            if (sinceLine.Elapsed < LineInterval)
                continue;
            sinceLine.Restart();
            console.Note(
                $"step {progress.Step}/{progress.TotalSteps}  loss {Units.Number(progress.Loss)}  rate {Units.Number(progress.LearningRate)}  "
                + $"gradient {Units.Number(progress.GradientNorm)}  {Pace(progress.SamplesPerSecond)}  {Time(progress.Remaining)} left");
        }

        ShowEpoch(log.End());
    }

    private void ShowEpoch(EpochReport? epoch)
    {
        if (epoch is null)
            return;
        string line = $"epoch {epoch.Epoch}/{epochs}  step {epoch.Step}  loss {Units.Number(epoch.Loss ?? double.NaN)}";
        if (epoch.Validation is { } validation)
            line += $"  validation loss {Units.Number(validation.Loss ?? double.NaN)}";
        if (epoch.Validation?.Accuracy is { } accuracy)
            line += $"  accuracy {Units.Percent(accuracy)}";
        // Through the same console as the bar, which has to be moved out of the way.
        if (console.Status.Profile.Out.IsTerminal)
            console.Status.WriteLine(line);
        else
            console.Note(line);
    }

    private static string Pace(double samplesPerSecond) =>
        string.Create(CultureInfo.InvariantCulture, $"{samplesPerSecond:N0} samples/s");

    private static string Time(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time:mm\\:ss}");
}
