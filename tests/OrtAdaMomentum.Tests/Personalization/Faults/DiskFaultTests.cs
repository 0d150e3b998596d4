using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Faults;

public sealed class DiskFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_full_disk_is_shown_and_when_there_is_room_again_samples_and_runs_go_on_with_nothing_lost()
    {
        using var disk = new SmallDisk(kibibytes: 2048);
        await using var host = await StartAsync(disk);
        await host.AddAsync(TinyClassifier.Samples(60));
        disk.Fill("filler");

        var acknowledged = new List<Sample>(TinyClassifier.Samples(60));
        foreach (var sample in TinyClassifier.Samples(200, seed: 2))
        {
            try
            {
                await host.Ingest.AddAsync(sample, Cancelled);
                acknowledged.Add(sample);
            }
            catch (SampleStoreException error)
            {
                Assert.Contains("samples.db", error.Message, StringComparison.Ordinal);
                break;
            }
        }

        Assert.InRange(acknowledged.Count, 60, 259);
        Assert.Contains(host.Monitor.Problems, static problem => problem.Kind == FineTuningProblemKind.SampleStore);
        await Assert.ThrowsAnyAsync<FineTuningException>(() => host.Control.RequestRunAsync(Cancelled).WaitAsync(TimeSpan.FromSeconds(20), Cancelled));
        Assert.Equal(0, host.Predictor.Predict(acknowledged[0].Inputs).Version.Number);

        File.Delete(disk["filler"]);
        await RecoverAsync(host, TinyClassifier.Samples(1, seed: 3).First());
        var decision = await RequestUntilItRunsAsync(host);
        Assert.True(decision.Promote, decision.Reason);
        Assert.Empty(host.Monitor.Problems);
        Assert.Equal(acknowledged.Count + 1, (await host.Get<ISampleStore>().CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task A_disk_that_has_become_read_only_still_serves_and_all_goes_on_when_it_is_writable_again()
    {
        using var disk = new SmallDisk(kibibytes: 4096);
        await using (var host = await StartAsync(disk))
        {
            await host.AddAsync(TinyClassifier.Samples(60));
            Assert.True((await host.Control.RequestRunAsync(Cancelled).WaitAsync(TimeSpan.FromSeconds(20), Cancelled)).Promote);
        }

        disk.MakeReadOnly();
        await using (var host = await StartAsync(disk))
        {
            var other = TinyClassifier.Samples(60, seed: 2).ToList();
            Assert.Equal(1, host.Predictor.Predict(other[0].Inputs).Version.Number);
            var error = await Assert.ThrowsAsync<SampleStoreException>(() => host.Ingest.AddAsync(other[0], Cancelled).AsTask());
            Assert.Contains("samples.db", error.Message, StringComparison.Ordinal);
            Assert.Contains(host.Monitor.Problems, static problem => problem.Kind == FineTuningProblemKind.SampleStore);

            disk.MakeWritable();
            await RecoverAsync(host, other[0]);
            Assert.Equal(61, (await host.Get<ISampleStore>().CountAsync(Cancelled)).Total);
            _ = await RequestUntilItRunsAsync(host);
            Assert.Empty(host.Monitor.Problems);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_read_only_disk_on_which_no_start_left_a_lock_serves_what_is_there(bool hasPointer)
    {
        using var disk = new SmallDisk(kibibytes: 4096);
        await using (var host = await StartAsync(disk))
        {
            await host.AddAsync(TinyClassifier.Samples(60));
            Assert.True((await host.Control.RequestRunAsync(Cancelled).WaitAsync(TimeSpan.FromSeconds(20), Cancelled)).Promote);
        }

        File.Delete(disk["data", DataDirectoryLock.FileName]);
        if (!hasPointer)
            File.Delete(disk["data", "registry", "current.json"]);
        Directory.CreateDirectory(disk["data", "registry", "versions", ".unfinished-1"]);
        disk.MakeReadOnly();
        await using (var host = await StartAsync(disk))
        {
            var other = TinyClassifier.Samples(1, seed: 2).First();
            Assert.Equal(1, host.Predictor.Predict(other.Inputs).Version.Number);
            // Nobody has to bring a sample for it to be shown.
            while (!host.Monitor.Problems.Any(static problem => problem.Kind == FineTuningProblemKind.SampleStore))
                await Task.Delay(10, Cancelled);

            disk.MakeWritable();
            await RecoverAsync(host, other);
            // The folder is this service's again, and nobody else's.
            while (!File.Exists(disk["data", DataDirectoryLock.FileName]))
            {
                host.Time.Advance(TimeSpan.FromMinutes(1));
                await Task.Delay(10, Cancelled);
            }

            Assert.Contains("cannot be used", Assert.Throws<FineTuningException>(() => FineTuningFolder.Open(disk["data"])).Message, StringComparison.Ordinal);
        }

        await using var again = await StartAsync(disk);
        Assert.Equal(1, again.Registry.Current.Number);
        Assert.Empty(Directory.EnumerateDirectories(disk["data", "registry", "versions"], ".unfinished-*"));
    }

    [Fact]
    public async Task A_read_only_disk_with_nothing_to_serve_stops_the_start()
    {
        using var disk = new SmallDisk(kibibytes: 256);
        Directory.CreateDirectory(disk["data", "registry", "versions"]);
        disk.MakeReadOnly();
        Assert.Contains("has to be able to write there", (await Assert.ThrowsAsync<FineTuningException>(() => StartAsync(disk))).Message, StringComparison.Ordinal);
    }

    private Task<ServiceHost> StartAsync(SmallDisk disk) => ServiceHost.StartAsync(_folder, options =>
    {
        options.DataDirectory = disk["data"];
        (options.LearningRate, options.Schedule, options.WarmupSteps) = (0.1, "constant", 0);
        options.MinimumSamples = 1000;
        options.Gate.MinimumHeldOut = 1;
    });

    private static async Task RecoverAsync(ServiceHost host, Sample sample)
    {
        while (true)
        {
            // The store is not tried more often than each second.
            host.Time.Advance(TimeSpan.FromSeconds(2));
            try
            {
                await host.Ingest.AddAsync(sample, Cancelled);
                return;
            }
            catch (SampleStoreException)
            {
                await Task.Delay(10, Cancelled);
            }
        }
    }

    private static async Task<GateDecision> RequestUntilItRunsAsync(ServiceHost host)
    {
        while (true)
        {
            host.Time.Advance(TimeSpan.FromMinutes(2));
            try
            {
                return await host.Control.RequestRunAsync(Cancelled).WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
            }
            catch (FineTuningException)
            {
                await Task.Delay(10, Cancelled);
            }
        }
    }
}
