using System.Diagnostics;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Bench.Models;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Training;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench;

/// <summary>Whole training steps, forward and backward pass and optimizer, on one batch that stays where it is.</summary>
internal static class TrainBench
{
    private const int WarmUpSteps = 30;
    private const int LeastSteps = 50;
    private const int MostSteps = 2_000;
    private const double Seconds = 2;

    public static void Run(string[] args)
    {
        Console.WriteLine($"{Environment.ProcessorCount} logical processors; medians over the steps of one session");
        Console.WriteLine("| model      | parameters | batch | ms/step | samples/s | optimizer ms | share of optimizer | B allocated/step |");
        Console.WriteLine("|:-----------|-----------:|------:|--------:|----------:|-------------:|-------------------:|-----------------:|");
        Measure("digits", OnnxModel.Load(Path.Combine(AppContext.BaseDirectory, "digits-base.onnx")), 1, 32, 256);
        Measure("mlp small", Perceptron.Create(64, 128, 10), 1, 32, 256);
        Measure("mlp large", Perceptron.Create(784, 1024, 1024, 10), 1, 32, 256);
    }

    private static void Measure(string name, OnnxModel model, params int[] batchSizes)
    {
        var artifacts = ArtifactGenerator.Generate(model);
        foreach (int batchSize in batchSizes)
            Measure(name, artifacts, batchSize);
    }

    private static void Measure(string name, TrainingArtifacts artifacts, int batchSize)
    {
        using FineTuningSession session = new(artifacts);
        using var batch = session.CreateBatch(batchSize);
        Fill(batch, session.Manifest);
        for (int i = 0; i < WarmUpSteps; i++)
        {
            session.TrainStep(batch);
            session.OptimizerStep();
        }

        double[] whole = new double[MostSteps], optimizer = new double[MostSteps];
        int steps = 0;
        long began = Stopwatch.GetTimestamp();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        while (steps < LeastSteps || (steps < MostSteps && Stopwatch.GetElapsedTime(began).TotalSeconds < Seconds))
        {
            long start = Stopwatch.GetTimestamp();
            session.TrainStep(batch);
            long between = Stopwatch.GetTimestamp();
            session.OptimizerStep();
            long end = Stopwatch.GetTimestamp();
            whole[steps] = Stopwatch.GetElapsedTime(start, end).TotalMilliseconds;
            optimizer[steps++] = Stopwatch.GetElapsedTime(between, end).TotalMilliseconds;
        }

        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        double step = Median(whole.AsSpan(0, steps)), part = Median(optimizer.AsSpan(0, steps));
        Console.WriteLine(Invariant(
            $"| {name,-10} | {session.Parameters.Layout.ElementCount,10} | {batchSize,5} | {step,7:F3} | {batchSize / step * 1e3,9:F0} | {part,12:F4} | {part / step,18:P1} | {(double)allocated / steps,16:0.##} |"));
    }

    private static void Fill(TrainingBatch batch, ArtifactManifest manifest)
    {
        Random random = new(5);
        foreach (var input in manifest.Inputs)
        {
            foreach (ref float value in batch.Tensor<float>(input.Name))
                value = random.NextSingle();
        }

        foreach (ref long label in batch.Tensor<long>(manifest.Target.Name))
            label = random.NextInt64(manifest.ClassCount!.Value);
    }

    private static double Median(Span<double> times)
    {
        times.Sort();
        return times[times.Length / 2];
    }
}
