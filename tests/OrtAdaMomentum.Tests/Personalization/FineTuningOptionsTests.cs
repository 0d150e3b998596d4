using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization;

public sealed class FineTuningOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_defaults_with_a_model_and_a_folder_are_valid() => Assert.Empty(ProblemsOf(static _ => { }));

    [Fact]
    public void All_problems_are_reported_at_once()
    {
        var problems = ProblemsOf(static options =>
        {
            options.ModelPath = "";
            options.DataDirectory = " ";
            options.Epochs = 0;
            options.BatchSize = -3;
            options.LearningRate = double.NaN;
            options.Optimizer = "magic";
        });

        Assert.Equal(
            [
                "ModelPath must be given.",
                "DataDirectory must be given.",
                "Optimizer must be one of adamomentum, adamw, sgd, was 'magic'.",
                "LearningRate must be greater than 0, was NaN.",
                "Epochs must be at least 1, was 0.",
                "BatchSize must be at least 1, was -3.",
            ],
            problems);
    }

    [Theory]
    [InlineData("MinimumSamples", "0", "MinimumSamples must be at least 1, was 0.")]
    [InlineData("MaximumSampleBytes", "0", "MaximumSampleBytes must be at least 1, was 0.")]
    [InlineData("MaximumSampleAge", "00:00:30", "MaximumSampleAge must be at least 1 minute, was 00:00:30.")]
    [InlineData("MaximumSamples", "10", "MaximumSamples must be at least 200, was 10.")]
    [InlineData("QueueCapacity", "0", "QueueCapacity must be at least 1, was 0.")]
    [InlineData("QueueCapacityBytes", "0", "QueueCapacityBytes must be at least 1, was 0.")]
    [InlineData("KeepVersions", "1", "KeepVersions must be at least 2, was 1.")]
    [InlineData("CheckpointEverySteps", "-1", "CheckpointEverySteps must be at least 0, was -1.")]
    [InlineData("Threads", "-1", "Threads must be at least 0, was -1.")]
    [InlineData("WarmupSteps", "-1", "WarmupSteps must be at least 0, was -1.")]
    [InlineData("WeightDecay", "-0.5", "WeightDecay must be at least 0, was -0.5.")]
    [InlineData("ValidationShare", "0", "ValidationShare must be greater than 0 and less than 1, was 0.")]
    [InlineData("ValidationShare", "1", "ValidationShare must be greater than 0 and less than 1, was 1.")]
    [InlineData("ReplayShare", "1", "ReplayShare must be at least 0 and less than 1, was 1.")]
    [InlineData("TriggerInterval", "00:00:00", "TriggerInterval must be at least 1 second and at most 1 day, was 00:00:00.")]
    [InlineData("Loss", "guess", "Loss must be one of cross-entropy, soft-cross-entropy, binary-cross-entropy, mse, l1, huber, ctc, was 'guess'.")]
    [InlineData("Output", " ", "Output must be the name of an output of the model, or left out for the first, was ''.")]
    [InlineData("Schedule", "never", "Schedule must be one of constant, linear, cosine, was 'never'.")]
    [InlineData("Gate:MinimumGain", "-0.1", "Gate:MinimumGain must be at least 0, was -0.1.")]
    [InlineData("EarlyStopping:Patience", "-1", "EarlyStopping:Patience must be at least 0, was -1.")]
    [InlineData("EarlyStopping:MinimumImprovement", "-1", "EarlyStopping:MinimumImprovement must be at least 0, was -1.")]
    [InlineData("EarlyStopping:ChoosingShare", "1", "EarlyStopping:ChoosingShare must be greater than 0 and less than 1, was 1.")]
    [InlineData("Robustness:MaximumUpdateNorm", "0", "Robustness:MaximumUpdateNorm must be greater than 0, was 0.")]
    [InlineData("Robustness:MaximumGradientNorm", "NaN", "Robustness:MaximumGradientNorm must be greater than 0, was NaN.")]
    [InlineData("Robustness:TrimLossQuantile", "1", "Robustness:TrimLossQuantile must be greater than 0 and less than 1, was 1.")]
    [InlineData("Failure:FirstDelay", "00:00:00", "Failure:FirstDelay must be at least 1 second, was 00:00:00.")]
    [InlineData("Failure:MaximumDelay", "00:00:30", "Failure:MaximumDelay must be at least FirstDelay (00:01:00) and at most 30 days, was 00:00:30.")]
    [InlineData("Failure:Factor", "0.5", "Failure:Factor must be at least 1 and at most 10, was 0.5.")]
    [InlineData("Failure:MaximumAttempts", "0", "Failure:MaximumAttempts must be at least 1, was 0.")]
    [InlineData("Watch:Period", "-00:00:01", "Watch:Period must be at least 0 and at most 365 days, was -00:00:01.")]
    [InlineData("Watch:MinimumFeedback", "9", "Watch:MinimumFeedback must be at least 10, was 9.")]
    [InlineData("Watch:Window", "49", "Watch:Window must be at least MinimumFeedback (50) and at most 100000, was 49.")]
    [InlineData("Watch:MaximumFall", "-0.1", "Watch:MaximumFall must be at least 0, was -0.1.")]
    [InlineData("Watch:Confidence", "0.5", "Watch:Confidence must be greater than 0.5 and less than 1, was 0.5.")]
    [InlineData("Gate:Confidence", "1", "Gate:Confidence must be at least 0 and less than 1, was 1.")]
    [InlineData("Gate:Resamples", "99", "Gate:Resamples must be at least 100 and at most 1000000, was 99.")]
    [InlineData("Gate:MinimumHeldOut", "0", "Gate:MinimumHeldOut must be at least 1, was 0.")]
    [InlineData("Gate:MaximumLossPerClass", "1.5", "Gate:MaximumLossPerClass must be at least 0 and at most 1, was 1.5.")]
    [InlineData("Gate:MinimumPerClass", "0", "Gate:MinimumPerClass must be at least 1, was 0.")]
    [InlineData("Gate:Metric", "EditDistance", "Gate:Metric must be one of Accuracy, Loss, MacroF1, Auc for the target of the loss 'cross-entropy', was EditDistance.")]
    [InlineData("Gate:MaximumLossOnOld", "NaN", "Gate:MaximumLossOnOld must be at least 0, was NaN.")]
    [InlineData("UnlabelledShare", "1.5", "UnlabelledShare must be at least 0 and at most 1, was 1.5.")]
    [InlineData("Retention", "7", "Retention must be one of Oldest, Reservoir, ClassBalanced, was 7.")]
    [InlineData("Replay:MaximumOld", "-1", "Replay:MaximumOld must be at least 0, was -1.")]
    [InlineData("Replay:Strategy", "7", "Replay:Strategy must be one of Newest, Reservoir, ClassBalanced, was 7.")]
    [InlineData("Compression", "7", "Compression must be one of None, Brotli, ZLib, was 7.")]
    [InlineData("Encryption:Source", "7", "Encryption:Source must be one of None, KeyFile, SystemdCredential, Dpapi, was 7.")]
    [InlineData("Encryption:Source", "KeyFile", "Encryption:Path must be given for KeyFile.")]
    [InlineData("Encryption:Source", "SystemdCredential", "Encryption:Name must be a file name without folders for SystemdCredential, was ''.")]
    [InlineData("Trainable:0", "!", "Trainable[0] must be a pattern, was '!'.")]
    [InlineData("Ctc:Blank", "-1", "Ctc:Blank must be at least 0, was -1.")]
    [InlineData("Padding:features", "NaN", "Padding:features must be a number, was NaN.")]
    [InlineData("MaximumExtents:labels[0]", "0", "MaximumExtents:labels[0] must be at least 1, was 0.")]
    public void A_problem_is_named_with_limit_and_value(string key, string value, string expected) =>
        Assert.Equal([expected], ProblemsOf(new Dictionary<string, string?> { [key] = value }));

    [Fact]
    public void A_model_that_is_missing_is_named_with_the_folder_that_it_was_looked_for_in() =>
        Assert.Equal(
            [$"ModelPath must be an existing file, was 'none.onnx', which is {Path.Combine(Environment.CurrentDirectory, "none.onnx")}."],
            ProblemsOf(static options => options.ModelPath = "none.onnx"));

    [Fact]
    public void A_problem_of_one_of_several_models_names_it() =>
        Assert.Equal(
            ["Model 'letters': DataDirectory must be given."],
            new FineTuningOptionsValidator().Validate("letters", new FineTuningServiceOptions { ModelPath = TinyClassifier.Write(_folder) }).Failures);

    [Fact]
    public void Accuracy_is_refused_as_metric_of_a_loss_about_numbers()
    {
        string loss = OrtAdaMomentum.Losses.LossRegistry.Names.First(static name =>
            OrtAdaMomentum.Losses.LossRegistry.Create(name).TargetKind == OrtAdaMomentum.Losses.TargetKind.Value);

        Assert.Single(ProblemsOf(options => options.Loss = loss), $"Gate:Metric must be one of Loss, MeanAbsoluteError, MeanSquaredError for the target of the loss '{loss}', was Accuracy.");
        Assert.Empty(ProblemsOf(options =>
        {
            options.Loss = loss;
            options.Gate.Metric = GateMetric.Loss;
        }));
    }

    [Fact]
    public void Configuration_sets_options()
    {
        var options = OptionsOf(new Dictionary<string, string?>
        {
            ["LearningRate"] = "0.02",
            ["Seed"] = "42",
            ["Trainable:0"] = "head.*",
            ["Trainable:1"] = "!*.bias",
            ["TriggerInterval"] = "00:05:00",
            ["Gate:Metric"] = "Loss",
            ["Gate:MinimumGain"] = "0.1",
            ["Ctc:Blank"] = "28",
            ["Ctc:TimeFirst"] = "true",
            ["MaximumExtents:time"] = "1600",
            ["MaximumExtents:labels[0]"] = "40",
            ["Padding:features"] = "-0.5",
        });

        Assert.Equal(0.02, options.LearningRate);
        Assert.Equal(42u, options.Seed);
        Assert.Equal(["head.*", "!*.bias"], options.Trainable);
        Assert.Equal(TimeSpan.FromMinutes(5), options.TriggerInterval);
        Assert.Equal(GateMetric.Loss, options.Gate.Metric);
        Assert.Equal(0.1, options.Gate.MinimumGain);
        Assert.Equal(new CtcOptions { Blank = 28, TimeFirst = true }, options.Ctc);
        Assert.Equal(new Dictionary<string, long> { ["time"] = 1600, ["labels[0]"] = 40 }, options.MaximumExtents.ToDictionary());
        Assert.Equal(new Dictionary<string, double> { ["features"] = -0.5 }, options.Padding.ToDictionary());
    }

    private IEnumerable<string> ProblemsOf(Action<FineTuningServiceOptions> change)
    {
        var options = new FineTuningServiceOptions { ModelPath = TinyClassifier.Write(_folder), DataDirectory = _folder["data"] };
        change(options);
        return new FineTuningOptionsValidator().Validate(null, options).Failures ?? [];
    }

    private IEnumerable<string> ProblemsOf(Dictionary<string, string?> values) =>
        Assert.Throws<OptionsValidationException>(() => OptionsOf(values)).Failures;

    private FineTuningServiceOptions OptionsOf(Dictionary<string, string?> values)
    {
        values["ModelPath"] = TinyClassifier.Write(_folder);
        values["DataDirectory"] = _folder["data"];
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(values.ToDictionary(static pair => $"FineTuning:{pair.Key}", static pair => pair.Value))
            .Build();
        var services = new ServiceCollection();
        services.AddFineTuning(configuration.GetSection("FineTuning"));
        return services.BuildServiceProvider().GetRequiredService<IOptionsMonitor<FineTuningServiceOptions>>().Get(FineTuningModel.DefaultName);
    }
}
