using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Bench.Models;
using OrtAdaMomentum.Training;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench;

/// <summary>
/// ONNX Runtime's threads and the optimizer's, each alone and in turn as a training step has them: where they fought for the cores, the
/// whole would take longer than its parts. One thread each is the control: what is lost there too is lost to the caches, which each part
/// finds full of the other's data.
/// </summary>
internal static class ThreadsBench
{
    private const int Rounds = 31;
    private const int BatchSize = 64;

    public static void Run(Results results)
    {
        results.Line("medians of interleaved rounds, ms");
        results.Head([], "parameters", "threads", "forward and backward", "optimizer", "sum", "in turn", "in turn / sum");
        foreach (int width in new[] { 256, 1024 })
        {
            Measure(width, 1, results);
            Measure(width, 2, results);
        }
    }

    private static void Measure(int width, int threads, Results results)
    {
        var artifacts = ArtifactGenerator.Generate(Perceptron.Create(784, width, width, 10));
        FineTuningOptions options = new() { Threads = threads, LearningRate = 1e-6, OptimizerSettings = new() { Threads = threads } };
        using FineTuningSession session = new(artifacts, options);
        using var batch = session.CreateBatch(BatchSize);
        Random random = new(5);
        foreach (ref float value in batch.Tensor<float>(session.Manifest.Inputs[0].Name))
            value = random.NextSingle();
        foreach (ref long label in batch.Tensor<long>(session.Manifest.Target.Name))
            label = random.NextInt64(10);

        double[] seconds = Interleaved.Medians(
            Rounds,
            () =>
            {
                session.TrainStep(batch);
                session.LazyResetGrad();
            },
            () => session.Optimizer.Step(session.Parameters, session.Gradients),
            () =>
            {
                session.TrainStep(batch);
                session.OptimizerStep();
            });
        double sum = seconds[0] + seconds[1];
        results.Line(Invariant(
            $"| {session.Parameters.Layout.ElementCount} | {threads} | {seconds[0] * 1e3:F3} | {seconds[1] * 1e3:F3} | {sum * 1e3:F3} | {seconds[2] * 1e3:F3} | {seconds[2] / sum:F3} |"));
    }
}
