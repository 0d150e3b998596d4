using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Support;

/// <summary>
/// A small convolutional model that reads sequences of letters 1 to 4, batch and time open. A letter is some time steps of one feature, with steps of
/// silence (feature 0) before, between and behind. The model knows one hand, in which letter n is feature n; mirrored hands write it as feature 5 - n.
/// </summary>
internal static class SequenceReader
{
    public const int Features = 5;
    public const int Classes = 5;
    private const int Channels = 8;
    private const int Window = 3;

    /// <param name="narrow">Whether the window sees no silence around the steps, so that there are two steps less and no fewer than three will do.</param>
    public static byte[] Model(bool narrow = false)
    {
        float[] noise = OrtRun.Random(Channels * Features * Window, seed: 3), more = OrtRun.Random(Channels * Classes, seed: 4);
        var window = new float[Channels * Features * Window];
        for (int index = 0; index < window.Length; index++)
        {
            int channel = index / (Features * Window), feature = index / Window % Features;
            window[index] = (0.05f * noise[index]) + (channel == feature && index % Window == 1 ? 1 : 0);
        }

        var scores = new float[Channels * Classes];
        for (int index = 0; index < scores.Length; index++)
            scores[index] = (0.05f * more[index]) + (index / Classes == index % Classes ? 4 : 0);

        var model = new ModelBuilder()
            .Input("features", new TensorType(ElementType.Float, [Dimension.Named("batch"), Dimension.Named("time"), Features]))
            .Initializer("window", window, Channels, Features, Window)
            .Initializer("scores", scores, Channels, Classes)
            .Initializer("bias", new float[Classes], Classes)
            .Node("Transpose", ["features"], ["rows"], ("perm", new long[] { 0, 2, 1 }))
            .Node("Conv", ["rows", "window"], ["seen"], ("pads", narrow ? new long[] { 0, 0 } : new long[] { 1, 1 }), ("kernel_shape", new long[] { Window }))
            .Node("Relu", ["seen"], ["active"])
            .Node("Transpose", ["active"], ["steps"], ("perm", new long[] { 0, 2, 1 }))
            .Node("MatMul", ["steps", "scores"], ["product"])
            .Node("Add", ["product", "bias"], ["logits"])
            .Output("logits", new TensorType(ElementType.Float, [Dimension.Named("batch"), Dimension.Named(narrow ? "steps" : "time"), Classes]));
        return model.ToBytes();
    }

    public static TrainingArtifacts Artifacts() =>
        ArtifactGenerator.Generate(OnnxModel.Load(Model()), new ArtifactOptions { Loss = new CtcLoss() });

    public static SampleSchema Schema(Dictionary<string, long>? limits = null) => SampleSchema.Of(Artifacts().Manifest, limits);

    /// <summary>Different samples, most of them with a length of their own.</summary>
    public static IEnumerable<Sample> Samples(int count, int seed = 1, bool mirrored = false)
    {
        var random = new Random(seed);
        for (int index = 0; index < count; index++)
        {
            long[] letters = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => (long)random.Next(1, 5))];
            yield return Written(letters, random, mirrored);
        }
    }

    /// <summary>Letters as a hand writes them.</summary>
    public static Sample Written(long[] letters, Random random, bool mirrored = false, string? subject = null)
    {
        var steps = new List<int>();
        foreach (long letter in letters)
        {
            steps.AddRange(Enumerable.Repeat(0, random.Next(1, 3)));
            steps.AddRange(Enumerable.Repeat((int)(mirrored ? Features - letter : letter), random.Next(1, 4)));
        }

        steps.Add(0);
        float[] features = [.. steps.SelectMany(step => Enumerable.Range(0, Features).Select(feature => (feature == step ? 1 : 0) + (0.1f * random.NextSingle())))];
        return new Sample("features", SampleTensor.Of<float>(features, steps.Count, Features), SampleTensor.Of<long>(letters, letters.Length)) { Subject = subject };
    }

    public static void Configure(FineTuningServiceOptions options)
    {
        options.Loss = "ctc";
        options.Gate.Metric = GateMetric.EditDistance;
        options.LearningRate = 0.02;
        options.Schedule = "constant";
        options.WarmupSteps = 0;
        options.Epochs = 8;
        options.BatchSize = 16;
        options.Threads = 1;
    }
}
