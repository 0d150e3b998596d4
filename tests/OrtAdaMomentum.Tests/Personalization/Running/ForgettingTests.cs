using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Running;

/// <summary>
/// What the options that a host does not set make of the real digit model: it has to learn another handwriting and lose little of the digits that it was
/// made on. <c>tests/seeds.sh</c> shows the same of the sample for ten seeds at each width of the machine's vectors.
/// </summary>
public sealed class ForgettingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1200, 0.1)]
    [InlineData(200, 0.05)]
    public async Task Default_options_learn_another_handwriting_and_keep_clear_of_the_fall_that_is_allowed(int samples, double gain)
    {
        var (decision, allowed) = await RunAsync(samples, static _ => { });

        Assert.True(decision.Promote, decision.Reason);
        Assert.True(decision.Candidate.HeldOut!.Accuracy > decision.Current.HeldOut!.Accuracy + gain, decision.Reason);
        Assert.True(decision.Candidate.Golden!.Accuracy > decision.Current.Golden!.Accuracy - (allowed / 2), decision.Reason);
    }

    [Fact]
    public async Task A_model_that_learned_the_handwriting_too_fast_is_refused_for_what_it_forgot()
    {
        var (decision, allowed) = await RunAsync(1200, static options => options.LearningRate = 3e-3);

        Assert.False(decision.Promote);
        Assert.True(decision.Candidate.Golden!.Accuracy < decision.Current.Golden!.Accuracy - allowed, decision.Reason);
        Assert.Contains("golden samples", decision.Reason, StringComparison.Ordinal);
    }

    private async Task<(GateDecision Decision, double Allowed)> RunAsync(int samples, Action<FineTuningServiceOptions> change)
    {
        File.Copy(Digits.File("digits-base.onnx"), _folder["model.onnx"]);
        await using var host = await ServiceHost.StartAsync(
            _folder,
            options =>
            {
                options.MinimumSamples = options.MaximumSamples;
                options.Gate = new GateOptions();
                change(options);
            },
            build: static builder => builder.UseReferenceData(static _ => new ReferenceData(Digits.Open("mnist-heldout"), Digits.Open("mnist-rehearsal"))));
        await host.AddAsync(Digits.Samples(Digits.Open("optdigits-tune")).Take(samples));
        var decision = await host.Control.RequestRunAsync(Cancelled);
        TestContext.Current.TestOutputHelper?.WriteLine(decision.Reason);
        return (decision, host.Get<FineTuningModel>().Options.Gate.MaximumLossOnOld);
    }
}
