using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Artifacts;

/// <summary>What the artifacts are, as written to <c>artifacts.json</c>.</summary>
public sealed record ArtifactManifest
{
    /// <summary>Version of this file's format.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The layout of ordinary operators on the stock runtime.</summary>
    public const string StockLayout = "stock";

    /// <summary>The layout of the official training runtime.</summary>
    public const string OfficialLayout = "official";

    /// <summary>Version of the format of the file that was read.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>How the graphs are wrapped for a runtime: <see cref="StockLayout"/> or <see cref="OfficialLayout"/>.</summary>
    public string Layout { get; init; } = StockLayout;

    /// <summary>Name of the loss.</summary>
    public required string LossName { get; init; }

    /// <summary>What the target holds.</summary>
    public required TargetKind TargetKind { get; init; }

    /// <summary>Number of classes; null where the target is no class.</summary>
    public long? ClassCount { get; init; }

    /// <summary>Axis of the classes in the first output, counted from the end; null where there are none.</summary>
    public int? ClassAxis { get; init; }

    /// <summary>The class index that marks positions to leave out, if any.</summary>
    public long? IgnoreIndex { get; init; }

    /// <summary>The class that stands for no label, where the target is a sequence of classes.</summary>
    public long? BlankIndex { get; init; }

    /// <summary>Whether the first column of a target of sequences is the number of time steps of the sample that count.</summary>
    public bool HasInputLengths { get; init; }

    /// <summary>What is fed beside the target.</summary>
    public required IReadOnlyList<TensorInfo> Inputs { get; init; }

    /// <summary>The target.</summary>
    public required TensorInfo Target { get; init; }

    /// <summary>The outputs of the eval model after the loss: those of the model itself, the one that the loss is attached to first.</summary>
    public required IReadOnlyList<TensorInfo> Outputs { get; init; }

    /// <summary>The activation that ends the first output.</summary>
    public FinalActivation FinalActivation { get; init; }

    /// <summary>Every parameter, in the order in which the model uses them. The trainable ones are in this order in buffers too.</summary>
    public required IReadOnlyList<ParameterInfo> Parameters { get; init; }

    /// <summary>Tensors that training changes without a gradient.</summary>
    public IReadOnlyList<StateInfo> States { get; init; } = [];

    /// <summary>Name of the loss among the outputs of the training and the eval model.</summary>
    public string LossOutput { get; init; } = "loss";

    /// <summary>Nodes of the model and of the training graph.</summary>
    public int ForwardNodes { get; init; }

    /// <summary>Nodes of the training graph.</summary>
    public int TrainingNodes { get; init; }

    /// <summary>SHA-256 of each file beside the manifest, in lower-case hexadecimal, by file name.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>What a user may want to know of how the model was taken.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The parameters that train.</summary>
    [JsonIgnore]
    public IEnumerable<ParameterInfo> Trainable => Parameters.Where(static parameter => parameter.Trainable);

    /// <summary>Name of the training model's output with the gradient of a parameter.</summary>
    public static string GradientName(string parameter) => parameter + "_grad";

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ArtifactJson.Default.ArtifactManifest);

    internal static ArtifactManifest FromJson(ReadOnlySpan<byte> json, string source)
    {
        // The deserializer checks values only: a damaged name would be one that it does not know, and left out.
        if (!Utf8.IsValid(json))
            throw new FineTuningException($"{source}: not a valid manifest: it is not UTF-8.");
        try
        {
            var manifest = JsonSerializer.Deserialize(json, ArtifactJson.Default.ArtifactManifest)
                ?? throw new FineTuningException($"{source}: the manifest is empty.");
            return manifest.Format == CurrentFormat
                ? manifest
                : throw new FineTuningException($"{source}: format {manifest.Format} is not known; this version reads format {CurrentFormat}. Generate the artifacts anew.");
        }
        catch (JsonException problem)
        {
            throw new FineTuningException($"{source}: not a valid manifest: {problem.Message}", problem);
        }
    }
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(DimensionJsonConverter)])]
[JsonSerializable(typeof(ArtifactManifest))]
internal sealed partial class ArtifactJson : JsonSerializerContext;

/// <summary>An axis is a number where it is fixed, its name where it has one, and null where nothing is known.</summary>
internal sealed class DimensionJsonConverter : JsonConverter<Dimension>
{
    public override bool HandleNull => true;

    public override Dimension Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number when reader.TryGetInt64(out long extent) && extent >= 0 => extent,
        JsonTokenType.String when reader.GetString() is { Length: > 0 } symbol => Dimension.Named(symbol),
        JsonTokenType.Null => Dimension.Unknown,
        _ => throw new JsonException("A dimension is a number of 0 or more, a name, or null."),
    };

    public override void Write(Utf8JsonWriter writer, Dimension value, JsonSerializerOptions options)
    {
        if (value.IsStatic)
            writer.WriteNumberValue(value.Extent);
        else if (value.Symbol is { } symbol)
            writer.WriteStringValue(symbol);
        else
            writer.WriteNullValue();
    }
}
