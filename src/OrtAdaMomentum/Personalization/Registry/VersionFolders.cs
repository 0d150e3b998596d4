using System.Text.Json;
using Microsoft.Extensions.Logging;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The versions on disk: <c>versions/&lt;hash&gt;/</c> with <c>model.onnx</c> and <c>version.json</c>. A folder gets its final name by a
/// rename when its content is on the disk, so one that stands there is whole.
/// </summary>
internal sealed class VersionFolders(string root, IModelSigner? signer, ILogger logger)
{
    private const string ModelFile = "model.onnx";
    private const string RecordFile = "version.json";

    /// <summary>Begins the name of a folder that is being written or deleted; one that is left behind is rubbish.</summary>
    private const string UnfinishedPrefix = ".unfinished-";

    private readonly Dictionary<string, (FileStamp Stamp, string? Problem)> _examined = new(StringComparer.Ordinal);

    public string Root => root;

    public string ModelPath(string id) => Path.Combine(root, id, ModelFile);

    /// <summary>The signature of a model; null where nothing is signed.</summary>
    public string? Sign(string id) => signer?.Sign(Convert.FromHexString(id));

    /// <summary>Removes what an interrupted write or deletion left.</summary>
    public void Clean()
    {
        Directory.CreateDirectory(root);
        foreach (string folder in Directory.EnumerateDirectories(root, UnfinishedPrefix + "*"))
        {
            Log.UnfinishedVersionRemoved(logger, folder);
            TryDelete(folder);
        }
    }

    /// <summary>The versions whose record can be read. Others are reported and left alone.</summary>
    public IReadOnlyList<ModelVersion> List()
    {
        var versions = new List<ModelVersion>();
        foreach (string folder in Directory.EnumerateDirectories(root))
        {
            string id = Path.GetFileName(folder);
            if (id.StartsWith(UnfinishedPrefix, StringComparison.Ordinal))
                continue;
            try
            {
                versions.Add(ReadRecord(id));
            }
            catch (Exception error) when (error is FineTuningException or IOException or UnauthorizedAccessException)
            {
                Log.VersionUnreadable(logger, error, folder);
            }
        }

        return [.. versions.OrderBy(static version => version.Number)];
    }

    /// <summary>The model of a version, with its hash checked.</summary>
    /// <exception cref="FineTuningException">The file is missing, cannot be read, or is not what was committed.</exception>
    public byte[] ReadModel(ModelVersion version)
    {
        string path = ModelPath(version.Id);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FineTuningException($"The model of version {version.Label} cannot be read: {error.Message}", error);
        }

        string hash = ContentHash.Of(bytes);
        if (hash != version.Id)
        {
            throw new FineTuningException(
                $"The model of version {version.Label} is damaged: '{path}' has hash {hash}, but {version.Id} was committed. "
                + "Roll back, or restore the file.");
        }

        if (signer is not null && !(version.Signature is { } signature && signer.Verify(Convert.FromHexString(hash), signature)))
        {
            throw new FineTuningException(
                $"The model of version {version.Label} is not signed by this service: '{path}' was put there by somebody else, or the key is another.");
        }

        return bytes;
    }

    /// <summary>What is wrong with the files of a version; null when nothing is. Files that look as they did the last time are not read again.</summary>
    public string? Examine(ModelVersion version)
    {
        var now = FileStamp.Of(ModelPath(version.Id));
        if (_examined.TryGetValue(version.Id, out var last) && last.Stamp == now)
            return last.Problem;
        string? problem = null;
        try
        {
            _ = ReadModel(version);
        }
        catch (FineTuningException error)
        {
            problem = error.Message;
        }

        _examined[version.Id] = (now, problem);
        return problem;
    }

    /// <summary>Whether the record on disk is that of the version.</summary>
    public bool HasRecord(ModelVersion version)
    {
        try
        {
            return ReadRecord(version.Id) == version;
        }
        catch (Exception error) when (error is FineTuningException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Write(ModelVersion version, byte[] model)
    {
        string unfinished = Path.Combine(root, UnfinishedPrefix + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(unfinished);
        try
        {
            AtomicFile.WriteAllBytes(Path.Combine(unfinished, ModelFile), model);
            WriteRecord(unfinished, version);
            string final = Path.Combine(root, version.Id);
            if (Directory.Exists(final))
                Delete(version.Id); // only called for a folder that is damaged
            Directory.Move(unfinished, final);
        }
        catch
        {
            TryDelete(unfinished);
            throw;
        }

        DurableRename.FlushFolder(root);
    }

    public void Update(ModelVersion version) => WriteRecord(Path.Combine(root, version.Id), version);

    public void Delete(string id)
    {
        // Renamed first: a deletion that is interrupted must not leave half a version under its name.
        string unfinished = Path.Combine(root, UnfinishedPrefix + Guid.NewGuid().ToString("N"));
        _examined.Remove(id);
        Directory.Move(Path.Combine(root, id), unfinished);
        TryDelete(unfinished);
    }

    private static void WriteRecord(string folder, ModelVersion version) =>
        AtomicFile.WriteAllBytes(
            Path.Combine(folder, RecordFile), JsonSerializer.SerializeToUtf8Bytes(version, PersonalizationJson.Default.ModelVersion));

    private ModelVersion ReadRecord(string id)
    {
        string path = Path.Combine(root, id, RecordFile);
        try
        {
            var version = JsonSerializer.Deserialize(File.ReadAllBytes(path), PersonalizationJson.Default.ModelVersion);
            return version?.Id == id ? version : throw new FineTuningException($"'{path}' does not describe version {id}.");
        }
        catch (JsonException error)
        {
            throw new FineTuningException($"'{path}' is not a valid version record: {error.Message}", error);
        }
    }

    private void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next start tries again.
            Log.FolderNotDeleted(logger, error, folder);
        }
    }
}
