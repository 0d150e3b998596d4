using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization;

/// <summary>A model whose classes are its second output, as in exports that give the label before its scores.</summary>
public sealed class SeveralOutputsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SeveralOutputsTests()
    {
        var batch = Dimension.Named("batch");
        File.WriteAllBytes(_folder["model.onnx"], new ModelBuilder()
            .Input("x", new TensorType(ElementType.Float, [batch, 2]))
            .Initializer("weight", [0f, 0f, 0f, 0f], 2, 2)
            .Node("MatMul", ["x", "weight"], ["logits"])
            .Node("ArgMax", ["logits"], ["label"], ("axis", 1L), ("keepdims", 0L))
            .Output("label", new TensorType(ElementType.Int64, [batch]))
            .Output("logits", new TensorType(ElementType.Float, [batch, 2]))
            .ToBytes());
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_output_that_is_named_is_trained_measured_and_watched()
    {
        await using var host = await ServiceHost.StartAsync(_folder, static options =>
        {
            options.Output = "logits";
            options.LearningRate = 0.1;
            (options.MinimumSamples, options.Watch.MinimumFeedback) = (1000, 20);
        });
        await host.AddAsync(TinyClassifier.Samples(200));
        var decision = await host.Control.RequestRunAsync(TestContext.Current.CancellationToken);
        Assert.True(decision.Promote, decision.Reason);

        var counted = host.NextAsync<FeedbackCounted>(static change => change.Report.Samples.Count == 20);
        await host.AddAsync(TinyClassifier.Samples(20, seed: 2));

        Assert.InRange((await counted).Report.Samples.Mean, 0.9, 1);
    }

    [Fact]
    public async Task Without_a_name_the_first_is_taken_and_refused_where_it_cannot_be_trained()
    {
        var error = await Assert.ThrowsAsync<FineTuningException>(() => ServiceHost.StartAsync(_folder));
        Assert.Contains("'label'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Choose another output", error.Message, StringComparison.Ordinal);
    }
}
