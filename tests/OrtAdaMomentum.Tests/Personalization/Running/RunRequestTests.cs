using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Running;

/// <summary>Whoever asks for a run has an answer, also where none can begin.</summary>
public sealed class RunRequestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_request_is_answered_when_what_an_earlier_process_left_cannot_be_looked_at()
    {
        var store = new SlowStore(new InMemorySampleStore(100), Task.CompletedTask)
        {
            BeforeRelease = Task.FromException(new SampleStoreException("The disk is full.")),
        };
        await using var host = await ServiceHost.StartAsync(_folder, static options => options.MinimumSamples = 1000, new FakeEngine(), store);
        await host.AddAsync(TinyClassifier.Samples(60));

        // More than one, as the first may come before the service has begun to look.
        for (int request = 0; request < 3; request++)
            Assert.Equal("The disk is full.", (await Assert.ThrowsAsync<SampleStoreException>(() => RequestAsync(host))).Message);

        store.BeforeRelease = Task.CompletedTask;
        Assert.True((await RequestAsync(host)).Promote);
    }

    [Fact]
    public async Task No_run_begins_while_another_service_has_the_folder_that_could_not_be_written_at_the_start()
    {
        using var disk = new SmallDisk(kibibytes: 4096);
        void Configure(FineTuningServiceOptions options) => (options.DataDirectory, options.MinimumSamples) = (disk["data"], 1000);
        await using (var first = await ServiceHost.StartAsync(_folder, Configure, new FakeEngine()))
            await first.AddAsync(TinyClassifier.Samples(60));
        File.Delete(disk["data", DataDirectoryLock.FileName]);
        disk.MakeReadOnly();
        // A file that is shown as wrong, so that it is known when the service has looked at its files, and for the lock, for the first time.
        File.WriteAllText(_folder["model.onnx"], "rubbish");

        await using var host = await ServiceHost.StartAsync(_folder, Configure, new FakeEngine());
        while (host.Monitor.LatestFailure is null || !host.Monitor.Problems.Any(static problem => problem.Kind == FineTuningProblemKind.Registry))
            await Task.Delay(1, Cancelled);
        disk.MakeWritable();
        using (DataDirectoryLock.Take(disk["data"]))
        {
            host.Time.Advance(TimeSpan.FromSeconds(2));
            Assert.Contains("another one uses it", (await Assert.ThrowsAsync<FineTuningException>(() => RequestAsync(host))).Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(disk["data", "run"]));
        }

        Assert.True((await RequestAsync(host)).Promote);
    }

    private static Task<GateDecision> RequestAsync(ServiceHost host) => host.Control.RequestRunAsync(Cancelled).WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
}
