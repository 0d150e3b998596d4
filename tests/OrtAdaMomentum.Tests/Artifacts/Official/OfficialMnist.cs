using System.Globalization;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Tests.Training.Data;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>The artifacts that the official tool made for MNIST, and the batch that goes with them.</summary>
internal static class OfficialMnist
{
    /// <summary>The losses of three steps in the official runtime.</summary>
    public static IReadOnlyList<double> Losses { get; } = [2.1786246299743652, 0.36050930619239807, 0.051253221929073334];

    public static string Folder { get; } = Path.GetDirectoryName(Checkpoints.Mnist("eval_model.onnx"))!;

    public static OfficialArtifacts Load() => OfficialArtifacts.Load(Folder);

    public static TrainingBatch Batch(FineTuningSession session)
    {
        var data = Data();
        var batch = session.CreateBatch(2);
        batch.Fill(data, [0, 1]);
        return batch;
    }

    /// <summary>Writes the samples as a file for the tool.</summary>
    public static void SaveData(string path)
    {
        var data = Data();
        NpzFile.Write(path,
        [
            new("input-0", NpyArray.Create(data.Values<float>("input-0"), data.Count, 784)),
            new("labels", NpyArray.Create(data.Values<long>("labels"), data.Count)),
        ]);
    }

    private static TensorDataset Data()
    {
        string[] lines = File.ReadAllLines(Checkpoints.Mnist("input-0.in"));
        float[] pixels =
        [
            .. lines.Skip(1).SelectMany(static line => line.Split(',', '[', ']', ' ')).Where(static part => part.Length > 0)
                .Select(static part => float.Parse(part, CultureInfo.InvariantCulture)),
        ];
        return new TensorDataset(2).Add("input-0", pixels, 784).Add("labels", (long[])[1, 1]);
    }

    public static float Step(FineTuningSession session, TrainingBatch batch)
    {
        float loss = session.TrainStep(batch);
        session.OptimizerStep();
        return loss;
    }
}
