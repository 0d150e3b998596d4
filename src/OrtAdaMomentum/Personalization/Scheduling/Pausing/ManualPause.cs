using System.Text.Json;
using System.Text.Json.Serialization;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Personalization;

/// <summary>A pause by hand, as it is kept for the next start.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Since">Since when.</param>
internal sealed record ManualPause(string Reason, DateTimeOffset Since);

/// <summary>Keeps a pause by hand in a file of the data folder. Without the file there is none.</summary>
internal sealed class ManualPauseFile(string directory)
{
    public string FilePath { get; } = Path.Combine(directory, "pause.json");

    /// <exception cref="JsonException">The file is damaged.</exception>
    public ManualPause? Read()
    {
        if (!File.Exists(FilePath))
            return null;
        return JsonSerializer.Deserialize(File.ReadAllBytes(FilePath), SchedulingJson.Default.ManualPause) is { Reason: not null } pause
            ? pause
            : throw new JsonException("It has no reason.");
    }

    public void Write(ManualPause pause) =>
        AtomicFile.WriteAllBytes(FilePath, JsonSerializer.SerializeToUtf8Bytes(pause, SchedulingJson.Default.ManualPause));

    public void Delete()
    {
        if (!File.Exists(FilePath))
            return;
        File.Delete(FilePath);
        DurableRename.FlushFolder(directory);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ManualPause))]
internal sealed partial class SchedulingJson : JsonSerializerContext;
