using System.Globalization;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Artifacts.Official;

namespace OrtAdaMomentum.Tests.Gradients.Walks;

/// <summary>Which random models are tried: 100, or what ORTADAM_RANDOM_MODELS says, as "1000 500" for a thousand from seed 500 on.</summary>
internal static class RandomModels
{
    private const int Usual = 100;

    public static IReadOnlyList<int> Seeds { get; } = Read();

    public static ArtifactOptions Options(int seed) => new()
    {
        Loss = seed % 2 == 0 ? new MeanSquaredErrorLoss() : new CrossEntropyLoss(),
        Trainable = TrainableSelection.Matching("parameter*"),
    };

    public static JudgedModel Judged(int seed) => new($"random {seed}", () => Of(seed).Model, Options(seed)) { Batch = 3 };

    /// <summary>The seed, and the operators that it chose.</summary>
    public static string Describe(int seed) => $"seed {seed} ({string.Join(' ', Of(seed).Operators)})";

    private static RandomModel Of(int seed) => RandomModel.Of(seed, Dimension.Named("batch"));

    private static int[] Read()
    {
        string[] parts = (Environment.GetEnvironmentVariable("ORTADAM_RANDOM_MODELS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int Number(int place, int otherwise) => parts.Length > place ? int.Parse(parts[place], CultureInfo.InvariantCulture) : otherwise;
        return [.. Enumerable.Range(Number(1, 0), Number(0, Usual))];
    }
}
