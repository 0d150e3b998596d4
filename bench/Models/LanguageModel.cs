using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Bench.Models;

/// <summary>A word-level language model of two LSTM layers that predicts the next word at every step.</summary>
internal static class LanguageModel
{
    public const int Steps = 35, Units = 400, Vocabulary = 10_000;

    public static ModelCase Case { get; } = new(
        "lstm", "2 LSTM layers of 400, embedding 400, vocabulary 10,000, 35 steps, batch 20", 20, Create,
        new TrainedPart("lstm2", "decoder.*"),
        new TrainedPart("lstm1", "lstm2.*", "decoder.*"));

    private static OnnxModel Create()
    {
        var write = new ModelWriter("lstm");
        string words = write.Input("words", ElementType.Int64, Steps);
        string x = write.Node("Gather", "embedded", [write.Weight("embedding.weight", Units, Vocabulary, Units), words]);
        x = write.Lstm(x, "lstm1", Steps, Units, Units);
        x = write.Lstm(x, "lstm2", Steps, Units, Units);
        return write.Finish(write.Project(x, "decoder", Units, Vocabulary));
    }
}
