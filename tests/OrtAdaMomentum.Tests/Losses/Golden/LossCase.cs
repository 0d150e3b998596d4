using System.Text.Json;
using System.Text.Json.Serialization;
using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Tests.Losses.Golden;

/// <summary>A loss and its gradient as PyTorch computed them; torch_losses.py says what the members mean.</summary>
internal sealed record LossCase
{
    public required string Name { get; init; }

    public required string Loss { get; init; }

    public required string Activation { get; init; }

    public required int Axis { get; init; }

    public double Smoothing { get; init; }

    public float[]? Weights { get; init; }

    public long? Ignore { get; init; }

    public double? PositiveWeight { get; init; }

    public double? Delta { get; init; }

    public long Blank { get; init; }

    public bool TimeFirst { get; init; }

    public bool InputLengths { get; init; }

    public required long[] Shape { get; init; }

    public required double[] Prediction { get; init; }

    public required long[] TargetShape { get; init; }

    public required double[] Target { get; init; }

    public required double Value { get; init; }

    public required double[] Gradient { get; init; }

    public string FullName => $"{Loss}: {Name}";

    public Array TargetValues => Loss is "cross-entropy" or "ctc"
        ? Array.ConvertAll(Target, static value => (long)value)
        : Array.ConvertAll(Target, static value => (float)value);

    public float[] PredictionValues => Array.ConvertAll(Prediction, static value => (float)value);

    public Loss ToLoss(int? classAxis) => LossRegistry.Create(Loss) switch
    {
        CrossEntropyLoss loss => loss with { LabelSmoothing = Smoothing, ClassWeights = Weights, IgnoreIndex = Ignore, ClassAxis = classAxis },
        BinaryCrossEntropyLoss loss => loss with { PositiveWeight = PositiveWeight ?? loss.PositiveWeight },
        CtcLoss loss => loss with { Blank = Blank, TimeFirst = TimeFirst, WithInputLengths = InputLengths },
        HuberLoss loss => loss with { Delta = Delta ?? loss.Delta },
        var loss => loss,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<LossCase>))]
internal sealed partial class LossJson : JsonSerializerContext;

/// <summary>Reads losses.json, which torch_losses.py wrote.</summary>
internal static class LossCases
{
    private static readonly Lazy<IReadOnlyDictionary<string, LossCase>> Read = new(static () =>
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Losses", "Golden", "losses.json"));
        return JsonSerializer.Deserialize(file, LossJson.Default.ListLossCase)!.ToDictionary(static item => item.FullName);
    });

    public static IEnumerable<LossCase> All => Read.Value.Values;

    public static LossCase Named(string name) => Read.Value[name];
}
