using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization;

public sealed class NamedModelsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_models_serve_collect_and_train_on_their_own()
    {
        using var host = Build(services =>
        {
            services.AddFineTuning("knowing", options => Configure(options, "knowing", slant: 5));
            services.AddFineTuning("learning", options => Configure(options, "learning", slant: 0));
        });
        await host.StartAsync(Cancelled);
        var models = host.Services.GetRequiredService<IFineTuningModels>();
        Assert.Equal(["knowing", "learning"], models.All.Select(static model => model.Name));
        Assert.True(models.TryGet("learning", out var learning));

        await Task.WhenAll(TinyClassifier.Samples(60).Select(sample => learning.Ingest.AddAsync(sample, Cancelled).AsTask()));
        var decision = await learning.Control.RequestRunAsync(Cancelled);

        Assert.True(decision.Promote, decision.Reason);
        Assert.Equal(1, learning.Registry.Current.Number);
        var knowing = host.Services.GetRequiredKeyedService<FineTuningModel>("knowing");
        Assert.Equal(0, knowing.Registry.Current.Number);
        Assert.Equal(0, (await knowing.Store.CountAsync(Cancelled)).Total);
        await host.StopAsync(Cancelled);
    }

    [Fact]
    public void What_asks_for_no_name_gets_the_model_that_was_added_first()
    {
        using var host = Build(services =>
        {
            services.AddFineTuning("first", options => Configure(options, "first", slant: 0));
            services.AddFineTuning("second", options => Configure(options, "second", slant: 0));
        });
        Assert.Equal("first", host.Services.GetRequiredService<FineTuningModel>().Name);
        Assert.Same(host.Services.GetRequiredKeyedService<ISampleIngest>("first"), host.Services.GetRequiredService<ISampleIngest>());
        Assert.NotSame(host.Services.GetRequiredKeyedService<ISampleIngest>("second"), host.Services.GetRequiredService<ISampleIngest>());
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("ä")]
    public void A_name_that_cannot_be_part_of_an_address_is_refused(string name)
    {
        var error = Assert.Throws<ArgumentException>(() => new ServiceCollection().AddFineTuning(name, static _ => { }));
        Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_is_given_once()
    {
        var services = new ServiceCollection();
        services.AddFineTuning("digits", static _ => { });
        var error = Assert.Throws<ArgumentException>(() => services.AddFineTuning("digits", static _ => { }));
        Assert.Contains("'digits'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_is_for_one_service_at_a_time()
    {
        await using var host = await ServiceHost.StartAsync(_folder);
        var error = await Assert.ThrowsAsync<FineTuningException>(() => ServiceHost.StartAsync(_folder));
        Assert.Contains(_folder["data"], error.Message, StringComparison.Ordinal);
        await host.DisposeAsync();
        await using var next = await ServiceHost.StartAsync(_folder);
    }

    [Fact]
    public async Task A_change_of_the_configuration_takes_effect_while_the_service_runs()
    {
        var configuration = Configuration("200");
        using var host = Build(services => services.AddFineTuning(configuration.GetSection("FineTuning")));
        await host.StartAsync(Cancelled);
        var model = host.Services.GetRequiredService<FineTuningModel>();
        await Task.WhenAll(TinyClassifier.Samples(60).Select(sample => model.Ingest.AddAsync(sample, Cancelled).AsTask()));
        Assert.Empty(model.Monitor.Decisions);

        var decided = FirstAsync<CandidateDecided>(model.Monitor);
        configuration["FineTuning:MinimumSamples"] = "50";
        configuration.Reload();

        Assert.NotNull(await decided);
        Assert.Equal(50, model.Options.MinimumSamples);
        await host.StopAsync(Cancelled);
    }

    [Fact]
    public async Task Changed_options_that_are_wrong_or_need_a_restart_are_shown_and_those_before_stay()
    {
        var configuration = Configuration("200");
        using var host = Build(services => services.AddFineTuning(configuration.GetSection("FineTuning")));
        await host.StartAsync(Cancelled);
        var model = host.Services.GetRequiredService<FineTuningModel>();

        configuration["FineTuning:MinimumSamples"] = "0";
        configuration.Reload();
        Assert.Equal(200, model.Options.MinimumSamples);
        var problem = Assert.Single(model.Monitor.Problems);
        Assert.Equal(FineTuningProblemKind.Configuration, problem.Kind);
        Assert.Contains("MinimumSamples must be at least 1, was 0", problem.Message, StringComparison.Ordinal);

        configuration["FineTuning:MinimumSamples"] = "100";
        configuration["FineTuning:QueueCapacity"] = "7";
        configuration["FineTuning:QueueCapacityBytes"] = "8";
        configuration.Reload();
        Assert.Equal((100, 1024, 64L << 20), (model.Options.MinimumSamples, model.Options.QueueCapacity, model.Options.QueueCapacityBytes));
        Assert.Contains("QueueCapacity, QueueCapacityBytes changed", Assert.Single(model.Monitor.Problems).Message, StringComparison.Ordinal);

        configuration["FineTuning:QueueCapacity"] = "1024";
        configuration["FineTuning:QueueCapacityBytes"] = "67108864";
        configuration.Reload();
        Assert.Empty(model.Monitor.Problems);
        await host.StopAsync(Cancelled);
    }

    [Fact]
    public async Task A_name_that_no_option_has_is_shown_until_it_is_gone()
    {
        var configuration = Configuration("200");
        configuration["FineTuning:Gate:MinGain"] = "0.1";
        using var host = Build(services => services.AddFineTuning(configuration.GetSection("FineTuning")));
        await host.StartAsync(Cancelled);
        var model = host.Services.GetRequiredService<FineTuningModel>();

        var problem = Assert.Single(model.Monitor.Problems);
        Assert.Equal(FineTuningProblemKind.Configuration, problem.Kind);
        Assert.Equal(
            "FineTuning:Gate:MinGain: no option has this name, so it has no effect. Correct it, or take it out of the section.", problem.Message);

        configuration["FineTuning:Gate:MinGain"] = null;
        configuration["FineTuning:LearningRat"] = "0.1";
        configuration.Reload();
        Assert.StartsWith("FineTuning:LearningRat: ", Assert.Single(model.Monitor.Problems).Message, StringComparison.Ordinal);
        await host.StopAsync(Cancelled);
    }

    [Fact]
    public async Task Log_lines_of_a_model_with_a_name_have_it_in_their_category()
    {
        var logs = new FakeLogCollector();
        using var host = Build(services =>
        {
            services.AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(logs)));
            services.AddFineTuning(options => Configure(options, "plain", 1));
            services.AddFineTuning("letters", options => Configure(options, "letters", -1));
        });
        await host.StartAsync(Cancelled);
        await host.StopAsync(Cancelled);

        string category = typeof(FineTuningService).FullName!;
        Assert.Equal([category, category + ".letters"], logs.GetSnapshot().Where(static line => line.Id.Id == 1).Select(static line => line.Category));
    }

    private static async Task<T> FirstAsync<T>(IFineTuningMonitor monitor)
        where T : FineTuningEvent =>
        (T)await monitor.WatchAsync(Cancelled).FirstAsync(static happened => happened is T, Cancelled);

    private static IHost Build(Action<IServiceCollection> add)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        add(builder.Services);
        return builder.Build();
    }

    private IConfigurationRoot Configuration(string minimumSamples) =>
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["FineTuning:ModelPath"] = TinyClassifier.Write(_folder),
            ["FineTuning:DataDirectory"] = _folder["data"],
            ["FineTuning:MinimumSamples"] = minimumSamples,
            ["FineTuning:LearningRate"] = "0.1",
        }).Build();

    private void Configure(FineTuningServiceOptions options, string name, float slant)
    {
        Directory.CreateDirectory(_folder[name]);
        options.ModelPath = _folder[name, "model.onnx"];
        File.WriteAllBytes(options.ModelPath, TinyClassifier.Model(slant));
        options.DataDirectory = _folder[name, "data"];
        options.MinimumSamples = 1000;
        (options.Gate.MinimumHeldOut, options.Gate.Confidence) = (1, 0);
        options.LearningRate = 0.1;
        options.Threads = 1;
    }
}
