using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Bench.Models;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Bench;

/// <summary>Numbers for the inputs of a model: floats in -1..1, and integers that are words or classes.</summary>
internal static class RandomInputs
{
    public static void Fill(TrainingBatch batch, ArtifactManifest manifest)
    {
        Random random = new(5);
        foreach (var input in manifest.Inputs)
        {
            if (input.ElementType == ElementType.Int64)
                Fill(batch.Tensor<long>(input.Name), random, LanguageModel.Vocabulary);
            else
                Fill(batch.Tensor<float>(input.Name), random);
        }

        if (manifest.ClassCount is { } classes)
        {
            Fill(batch.Tensor<long>(manifest.Target.Name), random, classes);
            return;
        }

        foreach (ref float probability in batch.Tensor<float>(manifest.Target.Name))
            probability = random.Next(2);
    }

    public static void Fill(Span<float> values, Random random)
    {
        foreach (ref float value in values)
            value = (2 * random.NextSingle()) - 1;
    }

    public static void Fill(Span<long> values, Random random, long below)
    {
        foreach (ref long value in values)
            value = random.NextInt64(below);
    }
}
