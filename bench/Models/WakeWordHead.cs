using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Bench.Models;

/// <summary>A wake-word detector of openWakeWord's form on 16 cached feature vectors of 96, built here because the originals' licence keeps them out.</summary>
internal static class WakeWordHead
{
    private const int Frames = 16, Features = 96, Width = 128;

    public static ModelCase Case { get; } = new(
        "wakeword", "openWakeWord's form on cached features of 16x96, 3 blocks of 128 with LayerNorm, batch 64", 64, Create,
        new TrainedPart("norm3.relu", "score.*"),
        new TrainedPart("norm1.relu", "fc2.*", "norm2.*", "fc3.*", "norm3.*", "score.*"))
    {
        Loss = new BinaryCrossEntropyLoss(),
    };

    private static OnnxModel Create()
    {
        var write = new ModelWriter("wakeword");
        string x = write.Node("Flatten", "flat", [write.Input("x", ElementType.Float, Frames, Features)], ("axis", 1L));
        int width = Frames * Features;
        for (int block = 1; block <= 3; block++)
        {
            x = write.Relu(write.LayerNormalization(write.Linear(x, $"fc{block}", width, Width), $"norm{block}", Width));
            width = Width;
        }

        return write.Finish(write.Node("Sigmoid", "probability", [write.Linear(x, "score", Width, 1)]));
    }
}
