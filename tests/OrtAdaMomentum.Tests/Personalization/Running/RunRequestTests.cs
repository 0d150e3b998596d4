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

    private static Task<GateDecision> RequestAsync(ServiceHost host) => host.Control.RequestRunAsync(Cancelled).WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
}
