using System.Text.Json;
using Microsoft.Extensions.Logging;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Personalization;

/// <summary>The file that says which version is served; it changes atomically.</summary>
internal sealed class CurrentPointerFile(string directory, TimeProvider time, ILogger logger)
{
    private readonly string _path = Path.Combine(directory, "current.json");

    /// <summary>Id of the version that was served before the one that the file names; null where there was none.</summary>
    public string? Previous { get; private set; }

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
            {
                Previous = pointer.Previous;
                return version;
            }

            Log.PointerDangling(logger, _path, pointer.Version);
        }
        catch (JsonException error)
        {
            Log.PointerUnreadable(logger, error, _path);
        }

        return null;
    }

    /// <summary>Writes which version is served after none. What cannot be written can be served all the same, and the next start comes to the same.</summary>
    public void TryWrite(ModelVersion version, string reason)
    {
        try
        {
            Write(version, previous: null, reason);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Log.PointerNotWritten(logger, error, version.Label);
        }
    }

    /// <param name="version">The version to serve.</param>
    /// <param name="previous">The version that was served until now; null where there is none.</param>
    /// <param name="reason">Why.</param>
    public void Write(ModelVersion version, ModelVersion? previous, string reason)
    {
        // Written again for the version that is served already, it says as before what was served before that.
        string? before = previous?.Id == version.Id ? Previous : previous?.Id;
        AtomicFile.WriteAllBytes(
            _path,
            JsonSerializer.SerializeToUtf8Bytes(
                new CurrentPointer(version.Id, reason, time.GetUtcNow(), before), PersonalizationJson.Default.CurrentPointer));
        Previous = before;
    }
}
