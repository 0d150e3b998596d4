using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Faults;

public sealed class ModelFileFaultTests : IDisposable
{
    private static readonly byte[] Rubbish = [.. Enumerable.Range(0, 5000).Select(static number => (byte)(number * 31))];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_base_model_replaced_by_rubbish_is_shown_and_what_was_served_goes_on_until_the_file_is_back()
    {
        string promoted = await PromoteOneAsync();
        byte[] intact = await File.ReadAllBytesAsync(_folder["model.onnx"], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_folder["model.onnx"], Rubbish, TestContext.Current.CancellationToken);

        await using var host = await ServiceHost.StartAsync(_folder, Configure);
        Assert.Equal(promoted, host.Registry.Current.Id);
        var problem = await ProblemAsync(host);
        Assert.Contains("model.onnx", problem.Message, StringComparison.Ordinal);
        Assert.Contains("goes on being served", problem.Message, StringComparison.Ordinal);
        Assert.Equal(promoted, host.Predictor.Predict(TinyClassifier.Samples(1).First().Inputs).Version.Id);

        await File.WriteAllBytesAsync(_folder["model.onnx"], intact, TestContext.Current.CancellationToken);
        await SolvedAsync(host);
        Assert.Equal(promoted, host.Registry.Current.Id);
    }

    [Fact]
    public async Task A_missing_base_model_stops_only_the_first_start()
    {
        string promoted = await PromoteOneAsync();
        File.Move(_folder["model.onnx"], _folder["moved.onnx"]);
        await using (var host = await ServiceHost.StartAsync(_folder, options =>
        {
            Configure(options);
            File.Delete(_folder["model.onnx"]); // written by the test's host, because it was missing
        }))
        {
            Assert.Equal(promoted, host.Registry.Current.Id);
            Assert.Contains("model.onnx", (await ProblemAsync(host)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_first_start_with_rubbish_fails_clearly_and_leaves_nothing_in_the_way()
    {
        await File.WriteAllBytesAsync(_folder["model.onnx"], Rubbish, TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAnyAsync<FineTuningException>(() => ServiceHost.StartAsync(_folder, Configure));
        Assert.Contains("model.onnx", error.Message, StringComparison.Ordinal);

        TinyClassifier.Write(_folder);
        await using var host = await ServiceHost.StartAsync(_folder, Configure);
        Assert.Equal(0, host.Registry.Current.Number);
    }

    [Fact]
    public async Task A_new_base_model_that_cannot_be_trained_does_not_displace_what_was_served()
    {
        string promoted = await PromoteOneAsync();
        var untrainable = new ModelBuilder()
            .Input("x", new TensorType(ElementType.Int64, [Dimension.Named("batch"), 2]))
            .Node("Identity", ["x"], ["y"])
            .Output("y", new TensorType(ElementType.Int64, [Dimension.Named("batch"), 2]))
            .Build();
        await File.WriteAllBytesAsync(
            _folder["model.onnx"], Google.Protobuf.MessageExtensions.ToByteArray(untrainable), TestContext.Current.CancellationToken);

        await using var host = await ServiceHost.StartAsync(_folder, Configure);
        Assert.Equal(promoted, host.Registry.Current.Id);
        Assert.Equal(FineTuningProblemKind.Registry, (await ProblemAsync(host)).Kind);
    }

    [Fact]
    public async Task A_version_replaced_by_rubbish_while_it_is_served_is_shown_until_it_is_restored()
    {
        await PromoteOneAsync();
        await using var host = await ServiceHost.StartAsync(_folder, Configure);
        string path = _folder["data", "registry", "versions", host.Registry.Current.Id, "model.onnx"];
        byte[] intact = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(path, Rubbish, TestContext.Current.CancellationToken);

        Assert.Contains(path, (await ProblemAsync(host)).Message, StringComparison.Ordinal);
        Assert.NotNull(host.Predictor.Predict(TinyClassifier.Samples(1).First().Inputs));

        await File.WriteAllBytesAsync(path, intact, TestContext.Current.CancellationToken);
        await SolvedAsync(host);
    }

    private static void Configure(FineTuningServiceOptions options)
    {
        options.LearningRate = 0.1;
        options.MinimumSamples = 1000;
    }

    private static Task<FineTuningProblem> ProblemAsync(ServiceHost host) =>
        WaitAsync(host, static problems => problems.FirstOrDefault(static problem => problem.Kind == FineTuningProblemKind.Registry));

    private static async Task SolvedAsync(ServiceHost host) =>
        Assert.Empty(await WaitAsync(host, static problems => problems.Count == 0 ? problems : null));

    /// <summary>Lets intervals pass until what is wrong is as wanted.</summary>
    private static async Task<T> WaitAsync<T>(ServiceHost host, Func<IReadOnlyList<FineTuningProblem>, T?> wanted)
        where T : class
    {
        while (true)
        {
            if (wanted(host.Monitor.Problems) is { } found)
                return found;
            host.Time.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private async Task<string> PromoteOneAsync()
    {
        await using var host = await ServiceHost.StartAsync(_folder, Configure);
        await host.AddAsync(TinyClassifier.Samples(100));
        var decision = await host.Control.RequestRunAsync(TestContext.Current.CancellationToken);
        Assert.True(decision.Promote, decision.Reason);
        return host.Registry.Current.Id;
    }
}
