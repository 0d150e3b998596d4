using System.Text.Json;
using Microsoft.Extensions.Logging;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Personalization;

/// <summary>The file that says which version is served; it changes atomically.</summary>
internal sealed class CurrentPointerFile(string directory, TimeProvider time, ILogger logger)
{
    private readonly string _path = Path.Combine(directory, "current.json");

    /// <summary>The version that it names; null, with the reason logged, when it names none that may be served.</summary>
    public ModelVersion? Read(IReadOnlyDictionary<string, ModelVersion> versions)
    {
        if (!File.Exists(_path))
            return null;
        try
        {
            var pointer = JsonSerializer.Deserialize(File.ReadAllBytes(_path), PersonalizationJson.Default.CurrentPointer)
                ?? throw new JsonException("The file is empty.");
            if (versions.GetValueOrDefault(pointer.Version) is { Accepted: true } version)
                return version;
            Log.PointerDangling(logger, _path, pointer.Version);
        }
        catch (JsonException error)
        {
            Log.PointerUnreadable(logger, error, _path);
        }

        return null;
    }

    public void Write(ModelVersion version, string reason) =>
        AtomicFile.WriteAllBytes(
            _path,
            JsonSerializer.SerializeToUtf8Bytes(
                new CurrentPointer(version.Id, reason, time.GetUtcNow()), PersonalizationJson.Default.CurrentPointer));
}
