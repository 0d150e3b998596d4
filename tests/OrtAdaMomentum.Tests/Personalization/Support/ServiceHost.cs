using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Support;

/// <summary>A host with the service on the tiny model.</summary>
internal sealed class ServiceHost : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly string _name;

    private ServiceHost(IHost host, string name) => (_host, _name) = (host, name);

    public ISampleIngest Ingest => Get<ISampleIngest>();

    public IFineTuningMonitor Monitor => Get<IFineTuningMonitor>();

    public IFineTuningControl Control => Get<IFineTuningControl>();

    public IPredictor Predictor => Get<IPredictor>();

    public ModelRegistry Registry => Get<ModelRegistry>();

    public FakeTimeProvider Time => (FakeTimeProvider)Get<TimeProvider>();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<ServiceHost> StartAsync(
        TemporaryFolder folder,
        Action<FineTuningServiceOptions>? configure = null,
        ITrainingEngine? engine = null,
        ISampleStore? store = null,
        Action<FineTuningBuilder>? build = null,
        string name = FineTuningModel.DefaultName)
    {
        if (!File.Exists(folder["model.onnx"]))
            TinyClassifier.Write(folder);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider());
        if (engine is not null)
            builder.Services.AddKeyedSingleton(name, engine);
        var fineTuning = builder.Services.AddFineTuning(name, options =>
        {
            options.ModelPath = folder["model.onnx"];
            options.DataDirectory = folder["data"];
            options.MinimumSamples = 50;
            options.Gate.MinimumHeldOut = 1;
            options.Threads = 1;
            configure?.Invoke(options);
        });
        if (store is not null)
            fineTuning.UseSampleStore(_ => store);
        build?.Invoke(fineTuning);
        var host = new ServiceHost(builder.Build(), name);
        try
        {
            await host._host.StartAsync(Cancelled);
        }
        catch
        {
            host._host.Dispose();
            throw;
        }

        return host;
    }

    public T Get<T>()
        where T : notnull =>
        _host.Services.GetRequiredService<T>();

    /// <summary>A part of the service that is there under the model's name alone.</summary>
    public T Part<T>()
        where T : notnull =>
        _host.Services.GetRequiredKeyedService<T>(_name);

    public async Task AddAsync(IEnumerable<Sample> samples) =>
        await Task.WhenAll(samples.Select(sample => Ingest.AddAsync(sample, Cancelled).AsTask()));

    /// <summary>The first event of a kind from now on that meets a condition.</summary>
    public async Task<T> NextAsync<T>(Func<T, bool>? condition = null)
        where T : FineTuningEvent
    {
        await foreach (var happened in Monitor.WatchAsync(Cancelled))
        {
            if (happened is T wanted && condition?.Invoke(wanted) != false)
                return wanted;
        }

        throw new InvalidOperationException($"The service ended before a {typeof(T).Name}.");
    }

    public Task StopAsync() => _host.StopAsync(Cancelled);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
