using System.Text.Json;
using Microsoft.Extensions.Logging;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Personalization;

/// <summary>The file in which the watch keeps what it knows. Without it counting starts anew, so that no trouble with it stops anything.</summary>
internal sealed class WatchFile(string path, ILogger logger)
{
    /// <summary>Replaces the file.</summary>
    /// <returns>Whether that was possible.</returns>
    public bool Write(WatchState state)
    {
        try
        {
            AtomicFile.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(state, PersonalizationJson.Default.WatchState));
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            GateLog.WatchNotSaved(logger, error, path);
            return false;
        }
    }

    /// <summary>What was written last; null where there is nothing or it cannot be read.</summary>
    public WatchState? Read()
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), PersonalizationJson.Default.WatchState) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            GateLog.WatchNotRead(logger, error, path);
            return null;
        }
    }
}
