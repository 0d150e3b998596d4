using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>A model that both runtimes train.</summary>
/// <param name="Name">What the test is called.</param>
/// <param name="Load">Gives the model.</param>
/// <param name="Options">How its artifacts are made, without the layout.</param>
/// <param name="Words">Integer inputs are below it.</param>
internal sealed record JudgedModel(string Name, Func<OnnxModel> Load, ArtifactOptions Options, int Words = 1)
{
    /// <summary>Samples of a batch.</summary>
    public int Batch { get; init; } = 6;

    /// <summary>Gradient operators of the official runtime that it trains with where these are asked for.</summary>
    public IReadOnlyList<string> Kernels { get; init; } = [];

    /// <summary>Samples to train on, as many as a batch has; null makes values of the right kind up, new ones for every step.</summary>
    public Func<ArtifactManifest, IDataset>? Data { get; init; }

    /// <summary>Fills the batch of a step, by what the stock session has come to; null takes the data.</summary>
    public Action<FineTuningSession, TrainingBatch, int>? Choose { get; init; }

    /// <summary>Fills inputs and target, with reproducible values of their kind where there is no data.</summary>
    public void Fill(TrainingBatch batch, int seed, IDataset? data = null)
    {
        if (data is not null)
        {
            batch.Fill(data, [.. Enumerable.Range(0, batch.Size)]);
            return;
        }

        var random = new Random(seed);
        foreach (var input in batch.Inputs)
            Fill(input, random, Words, static random => random.NextSingle() * 2 - 1);
        int classes = (int)(batch.Manifest.ClassCount ?? 1);
        if (batch.Manifest.TargetKind == TargetKind.Probability)
            Fill(batch.Target, random, classes, static random => random.Next(2));
        else
            Fill(batch.Target, random, classes, static random => random.NextSingle() * 2 - 1);
    }

    /// <summary>A batch as the official runtime takes it.</summary>
    public static IEnumerable<(string Name, OfficialValue Value)> Feeds(TrainingBatch batch) =>
        batch.Tensors.Select(static tensor => (tensor.Name, new OfficialValue(tensor.ElementType, tensor.Shape, tensor.Bytes.ToArray())));

    private static void Fill(NativeTensor tensor, Random random, int below, Func<Random, float> next)
    {
        switch (tensor.ElementType)
        {
            case ElementType.Float:
                foreach (ref float element in tensor.As<float>())
                    element = next(random);
                break;
            case ElementType.Int64:
                foreach (ref long element in tensor.As<long>())
                    element = random.Next(below);
                break;
            case ElementType.Int32:
                foreach (ref int element in tensor.As<int>())
                    element = random.Next(below);
                break;
            default:
                throw new NotSupportedException($"{tensor.Name}: {tensor.ElementType}");
        }
    }
}
