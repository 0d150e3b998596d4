using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Tests.Training;
using OrtAdaMomentum.Tests.Training.Data;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Tools;

/// <summary>A folder with a tiny classifier, data that it can learn, and artifacts where a test asks for them.</summary>
internal sealed class ToolFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ToolFixture()
    {
        TinyTask.Classifier().Save(Model);
        Save(Data, TinyTask.Data(200));
        Save(Validation, TinyTask.Data(60, seed: 12));
    }

    public string Model => File("tiny.onnx");

    public string Data => File("train.npz");

    public string Validation => File("validation.npz");

    public string Artifacts => File("artifacts");

    public string Checkpoint => File("tiny.ckpt");

    public string File(string name) => _folder.File(name);

    public Task GenerateAsync(params string[] more) => ToolRun.SucceedAsync(["generate", Model, "--out", Artifacts, .. more]);

    /// <summary>The arguments of a short training.</summary>
    public string[] Train(params string[] more) =>
        ["train", Artifacts, "--data", Data, "--checkpoint", Checkpoint, "--epochs", "4", "--batch", "16", "--lr", "0.01", .. more];

    public void Dispose() => _folder.Dispose();

    private static void Save(string path, TensorDataset data) => NpzFile.Write(path,
    [
        new("x", NpyArray.Create(data.Values<float>("x"), data.Count, TinyTask.Features)),
        new("labels", NpyArray.Create(data.Values<long>("labels"), data.Count)),
    ]);
}
