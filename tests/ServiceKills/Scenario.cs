using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Samples.EdgeFineTune;

namespace OrtAdaMomentum.Tests.ServiceKills;

/// <summary>
/// What the service is put through: in each phase a number of digits comes in, one of them is corrected, and a run begins by itself when the last is
/// there. What a phase brings depends on its number alone, so two services that got as far have the same samples.
/// </summary>
internal sealed class Scenario
{
    /// <summary>New samples in a phase, which are as many as start a run.</summary>
    public const int SamplesOfPhase = 80;

    /// <summary>Samples that the store keeps, so that the oldest go all the time.</summary>
    public const int KeptSamples = 400;

    private readonly DigitSet _digits = DigitSet.Load(Models, "optdigits-tune");

    public static string Models => Path.Combine(AppContext.BaseDirectory, "models");

    public static string Key(int number) => $"digit-{number}";

    public Sample Sample(int number)
    {
        int digit = number % _digits.Count;
        // The first of a phase comes in with a wrong label, which is corrected afterwards.
        long label = IsCorrected(number) ? (_digits.Label(digit) + 1) % 10 : _digits.Label(digit);
        return new Sample(DigitSet.Input, _digits.Image(digit), SampleTensor.Scalar(label), Key(number));
    }

    public SampleTensor Label(int number) => SampleTensor.Scalar((long)_digits.Label(number % _digits.Count));

    public static bool IsCorrected(int number) => number % SamplesOfPhase == 0;

    public static void Configure(FineTuningServiceOptions options, string folder)
    {
        options.ModelPath = Path.Combine(Models, "digits-base.onnx");
        options.DataDirectory = Path.Combine(folder, "data");
        options.MinimumSamples = SamplesOfPhase;
        options.MaximumSamples = KeptSamples;
        options.KeepVersions = 10_000;
        options.LearningRate = 1e-4;
        options.Epochs = 6;
        options.BatchSize = 32;
        options.CheckpointEverySteps = 3;
        options.Threads = 1;
        // A run that is killed before its first checkpoint again and again is given up in real life.
        options.Failure.MaximumAttempts = 10_000;
        options.TriggerInterval = TimeSpan.FromSeconds(1);
        // Nearly every candidate is promoted, so that promotions are often interrupted.
        options.Gate.Metric = GateMetric.Loss;
        options.Gate.MinimumGain = 0;
        options.Gate.Confidence = 0.5;
    }
}
