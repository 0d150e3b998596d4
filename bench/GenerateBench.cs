using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Bench.Models;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench;

/// <summary>How the time to generate artifacts grows with the number of nodes.</summary>
internal static class GenerateBench
{
    private const int Width = 16;
    private const int Rounds = 3;

    public static void Run(Results results)
    {
        int[] depths = [5, 50, 500, 2_000, 5_000];
        var models = Array.ConvertAll(depths, static layers => Perceptron.Create([.. Enumerable.Repeat(Width, layers + 1)]));
        results.Line("medians of interleaved rounds");
        results.Head([], "nodes", "training nodes", "ms", "us per node");
        double[] seconds = Interleaved.Medians(Rounds, Array.ConvertAll<Onnx.OnnxModel, Action>(models, static model => () => ArtifactGenerator.Generate(model)));
        for (int i = 0; i < models.Length; i++)
        {
            var manifest = ArtifactGenerator.Generate(models[i]).Manifest;
            results.Line(Invariant(
                $"| {manifest.ForwardNodes,5} | {manifest.TrainingNodes,14} | {seconds[i] * 1e3,6:F1} | {seconds[i] * 1e6 / manifest.ForwardNodes,11:F1} |"));
        }
    }
}
