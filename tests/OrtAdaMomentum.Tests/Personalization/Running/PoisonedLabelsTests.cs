using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Running;

/// <summary>
/// Runs on the real digit model in which 30 % of the labels are wrong, those of the held-out samples too. Either the gate refuses, or accuracy on clean
/// samples that no run has seen falls by no more than a point. <c>tests/poisoned-labels.sh</c> runs all kinds of errors.
/// </summary>
public sealed class PoisonedLabelsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("random")]
    [InlineData("next")]
    public async Task Wrong_labels_in_the_first_run_do_no_harm(string kind)
    {
        SkipUnlessAsked(kind != "random");
        await using var host = await StartAsync();
        await HarmlessAsync(host, kind, place => place % 10 < 3);
    }

    [Theory]
    [InlineData("random", false)]
    [InlineData("next", false)]
    [InlineData("one", false)]
    [InlineData("random", true)]
    public async Task Wrong_labels_in_a_later_run_do_no_harm_to_what_the_first_learned(string kind, bool limited)
    {
        SkipUnlessAsked(kind != "next" || limited);
        await using var host = await StartAsync();
        await host.AddAsync(Digits.Samples(Digits.Open("optdigits-tune")).Take(600));
        var first = await host.Control.RequestRunAsync(Cancelled);
        Assert.True(first.Promote, first.Reason);
        if (limited)
        {
            var robustness = host.Get<FineTuningModel>().Options.Robustness;
            (robustness.MaximumUpdateNorm, robustness.TrimLossQuantile) = (0.02, 0.7);
        }

        await HarmlessAsync(host, kind, place => place >= 600 && place % 10 < 3, skip: 600);
    }

    [Fact]
    public async Task The_share_of_wrong_labels_is_seen_by_what_the_golden_samples_tell()
    {
        await using var host = await StartAsync();
        await host.AddAsync(Digits.Samples(Digits.Open("mnist-rehearsal"), static (place, label) => place % 10 < 3 ? (label + 1) % 10 : label).Take(300));
        var decision = await host.Control.RequestRunAsync(Cancelled);

        Assert.InRange(decision.SuspectLabels!.Value, 0.25, 0.35);
        Assert.Contains("v0-", host.Registry.Current.Label, StringComparison.Ordinal);
    }

    private static async Task HarmlessAsync(ServiceHost host, string kind, Func<int, bool> isWrong, int skip = 0)
    {
        double before = Accuracy(host);
        var random = new Random(3);
        await host.AddAsync(Digits.Samples(Digits.Open("optdigits-tune"), (place, label) => !isWrong(place) ? label : kind switch
        {
            "random" => (label + 1 + random.Next(9)) % 10,
            "next" => (label + 1) % 10,
            _ => 7,
        }).Skip(skip));
        var decision = await host.Control.RequestRunAsync(Cancelled);

        double after = Accuracy(host);
        TestContext.Current.TestOutputHelper?.WriteLine($"{before:P2} -> {after:P2}, promoted {decision.Promote}, suspect {decision.SuspectLabels:P1}, moved {host.Monitor.LatestProgress!.UpdateNorm:P2}: {decision.Reason}");
        Assert.True(after >= before - 0.01, $"{before:P2} -> {after:P2}: {decision.Reason}");
        if (!decision.Promote)
            Assert.Equal(before, after);
    }

    private static double Accuracy(ServiceHost host)
    {
        var samples = Digits.Samples(Digits.Open("optdigits-heldout")).ToList();
        return samples.Average(sample =>
            System.Numerics.Tensors.TensorPrimitives.IndexOfMax(host.Predictor.Predict(sample.Inputs).Output.Values<float>()) == sample.Target!.Values<long>()[0] ? 1.0 : 0);
    }

    private static void SkipUnlessAsked(bool skip) =>
        Assert.SkipWhen(skip && Environment.GetEnvironmentVariable("ORTADAMOMENTUM_POISONED_LABELS") is null, "only in tests/poisoned-labels.sh");

    private Task<ServiceHost> StartAsync()
    {
        File.Copy(Digits.File("digits-base.onnx"), _folder["model.onnx"]);
        return ServiceHost.StartAsync(
            _folder,
            static options =>
            {
                (options.MinimumSamples, options.MaximumSamples) = (100_000, 100_000);
                (options.Threads, options.Gate.MinimumHeldOut) = (0, 20);
            },
            build: static builder => builder.UseReferenceData(static _ => new ReferenceData(Digits.Open("mnist-heldout"), Digits.Open("mnist-rehearsal"))));
    }
}
