using System.Diagnostics;
using System.Globalization;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.ServiceKills;

/// <summary>Starts the service, kills it with signal 9 at a random instant, looks at what is left, again and again; then compares the end with an undisturbed run.</summary>
internal sealed class KillLoop(string folder, int seed)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Random _random = new(seed);
    private readonly SortedDictionary<string, int> _killedIn = new(StringComparer.Ordinal);

    public async Task<int> RunAsync(int kills)
    {
        string killed = Path.Combine(folder, "killed"), undisturbed = Path.Combine(folder, "undisturbed");
        Directory.CreateDirectory(killed);
        Directory.CreateDirectory(undisturbed);
        var state = new StateOnDisk(killed);
        for (int kill = 1; kill <= kills; kill++)
        {
            await StartAndKillAsync(killed).ConfigureAwait(false);
            state.Check();
            Console.Write(kill % 10 == 0 ? string.Create(CultureInfo.InvariantCulture, $"{kill}\n") : ".");
        }

        int phases = state.Versions().Count + 1;
        await FinishAsync(killed, phases).ConfigureAwait(false);
        state.Check();
        await FinishAsync(undisturbed, phases).ConfigureAwait(false);
        Console.WriteLine();
        foreach (var (where, count) in _killedIn)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"killed while in {where}: {count}"));
        return Compare(state, new StateOnDisk(undisturbed), phases);
    }

    private static int Compare(StateOnDisk killed, StateOnDisk undisturbed, int phases)
    {
        var (versions, expected) = (killed.Versions(), undisturbed.Versions());
        bool same = versions.SequenceEqual(expected) && killed.Current() == undisturbed.Current() && killed.Keys().SequenceEqual(undisturbed.Keys());
        Console.WriteLine(same
            ? string.Create(CultureInfo.InvariantCulture, $"After {phases} runs: the same {versions.Count} versions, current version and {killed.Keys().Count} samples as without kills.")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"After {phases} runs the services differ: {versions.Count} and {expected.Count} versions, {versions.Zip(expected).TakeWhile(static pair => pair.First == pair.Second).Count()} alike from the first, {killed.Keys().Count} and {undisturbed.Keys().Count} samples."));
        return same ? 0 : 1;
    }

    private async Task StartAndKillAsync(string where)
    {
        var (awaited, wait) = Choose();
        using var child = Start(where, phases: int.MaxValue);
        string last = "starting";
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        child.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null or "")
                return;
            Volatile.Write(ref last, line.Data.Split(' ')[0]);
            if (line.Data == awaited)
                reached.TrySetResult();
        };
        child.BeginOutputReadLine();
        var ended = child.WaitForExitAsync();
        if (awaited is not null)
            await Task.WhenAny(reached.Task, ended).WaitAsync(Patience).ConfigureAwait(false);
        if (await Task.WhenAny(ended, Task.Delay(wait)).ConfigureAwait(false) == ended)
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The service ended by itself with {child.ExitCode}."));
        child.Kill();
        await ended.ConfigureAwait(false);
        string stage = Volatile.Read(ref last);
        _killedIn[stage] = _killedIn.GetValueOrDefault(stage) + 1;
    }

    /// <summary>What has to be seen before the kill, null for nothing, and how long after it.</summary>
    private (string? Awaited, int Milliseconds) Choose() => _random.Next(10) switch
    {
        < 2 => (null, _random.Next(600)),
        < 5 => ("ready", _random.Next(1800)),
        5 => ("ingest", _random.Next(60)),
        6 => (nameof(FineTuningState.Training), _random.Next(400)),
        7 => (nameof(FineTuningState.Evaluating), _random.Next(60)),
        8 => (nameof(FineTuningState.Promoting), _random.Next(30)),
        // Nothing but the end of a run is left then.
        _ => (nameof(FineTuningState.Promoting), _random.Next(10)),
    };

    private static async Task FinishAsync(string where, int phases)
    {
        using var child = Start(where, phases);
        child.OutputDataReceived += static (_, _) => { };
        child.BeginOutputReadLine();
        await child.WaitForExitAsync().ConfigureAwait(false);
        if (child.ExitCode != 0)
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The service ended with {child.ExitCode}."));
    }

    private static Process Start(string where, int phases) =>
        Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["serve", where, phases.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
        })!;
}
