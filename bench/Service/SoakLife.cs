using OrtAdaMomentum.Personalization;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench.Service;

/// <summary>What the days of a service bring. A day is over when its run is.</summary>
internal sealed class SoakLife(FineTuningModel model)
{
    /// <summary>Labelled samples of a day, which are as many as start a run.</summary>
    public const int SamplesOfDay = 100;

    private const int Classes = 10, Pixels = 28 * 28, RequestsOfDay = 200;
    private const int DaysBetweenForgetting = 7, DaysBetweenRollBacks = 20, DaysBetweenPauses = 10;

    private readonly Random _random = new(1);
    private readonly float[][] _patterns = [.. Enumerable.Range(0, Classes).Select(static digit => Pattern(new Random(100 + digit)))];

    public int Promoted { get; private set; }

    public int Refused { get; private set; }

    public long Requests { get; private set; }

    public int Failures { get; private set; }

    public async Task DayAsync(int day)
    {
        if (day % DaysBetweenPauses == 0)
            await model.Control.PauseAsync("a pause of a day").ConfigureAwait(false);
        string subject = Invariant($"person-{day}");
        long decided = Decided();
        var asking = Task.Run(Ask);
        await BringAsync(day, subject).ConfigureAwait(false);
        await model.Control.ResumeAsync().ConfigureAwait(false);
        await EndOfRunAsync(decided).ConfigureAwait(false);
        await asking.ConfigureAwait(false);
        if (model.Monitor.Decisions is [{ Decision.Promote: true }, ..])
            Promoted++;
        else
            Refused++;

        if (day % DaysBetweenForgetting == 0)
            await model.Store.ForgetSubjectAsync(subject, CancellationToken.None).ConfigureAwait(false);
        if (day % DaysBetweenRollBacks == 0 && model.Registry.Current.Parent is { } parent && model.Registry.Find(parent) is not null)
            await model.Control.RollBackAsync().ConfigureAwait(false);
        using var leaving = new CancellationTokenSource();
        // A watcher that comes and goes, as the page in a browser does.
        await using var events = model.Monitor.WatchAsync(leaving.Token).GetAsyncEnumerator(leaving.Token);
        await events.MoveNextAsync().ConfigureAwait(false);
    }

    private async Task BringAsync(int day, string subject)
    {
        for (int number = 0; number < SamplesOfDay; number++)
        {
            long label = _random.Next(Classes);
            // A part comes without its label, and a part with a wrong one.
            var first = (number % 10) switch
            {
                0 => null,
                1 => SampleTensor.Scalar((label + 1) % Classes),
                _ => SampleTensor.Scalar(label),
            };
            string key = Invariant($"{day}-{number}");
            var image = SampleTensor.Of<float>(Draw(label, day), 1, 28, 28);
            await model.Ingest.AddAsync(new Sample("image", image, first, key) { Subject = subject, Source = Invariant($"camera-{day % 3}") }).ConfigureAwait(false);
            if (number % 10 < 2 && !await model.Ingest.CorrectAsync(key, SampleTensor.Scalar(label)).ConfigureAwait(false))
                Failures++;
        }
    }

    private void Ask()
    {
        var random = new Random(2);
        for (int request = 0; request < RequestsOfDay; request++)
        {
            long label = random.Next(Classes);
            float[] pixels = [.. _patterns[label]];
            pixels[random.Next(Pixels)] = random.NextSingle();
            try
            {
                var answer = model.Predictor.Predict(new Dictionary<string, SampleTensor> { ["image"] = SampleTensor.Of<float>(pixels, 1, 28, 28) });
                model.Feedback.Report(answer, isRight: random.Next(10) > 0);
                Requests++;
            }
#pragma warning disable CA1031 // Counting failures of whatever kind is what this is for.
            catch (Exception)
#pragma warning restore CA1031
            {
                Failures++;
            }
        }
    }

    private async Task EndOfRunAsync(long decided)
    {
        while (Decided() == decided || model.Monitor.State is not (FineTuningState.Idle or FineTuningState.Collecting))
        {
            if (model.Monitor.LatestFailure is { } failure)
                throw new InvalidOperationException(failure.Message);
            await Task.Delay(2).ConfigureAwait(false);
        }
    }

    /// <summary>When the latest decision was made, as a number that every decision changes.</summary>
    private long Decided() => model.Monitor.Decisions is [var latest, ..] ? latest.Time.UtcTicks : 0;

    /// <summary>The pattern of a digit, which moves through the picture with the days, with noise on it.</summary>
    private float[] Draw(long label, int day)
    {
        float[] pattern = _patterns[label], pixels = new float[Pixels];
        int shift = day % 28;
        for (int pixel = 0; pixel < Pixels; pixel++)
            pixels[pixel] = Math.Clamp(pattern[(pixel + shift) % Pixels] + 0.2f * (_random.NextSingle() - 0.5f), 0, 1);
        return pixels;
    }

    private static float[] Pattern(Random random)
    {
        float[] pixels = new float[Pixels];
        for (int stroke = 0; stroke < 26; stroke++)
            pixels.AsSpan(random.Next(Pixels - 6), 6).Fill(random.NextSingle());
        return pixels;
    }
}
