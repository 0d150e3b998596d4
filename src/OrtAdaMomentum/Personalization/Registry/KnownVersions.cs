using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Personalization;

/// <summary>The versions whose folders were read or written. Not safe for use from several threads at once.</summary>
internal sealed class KnownVersions(VersionFolders folders, ILogger logger)
{
    private Dictionary<string, ModelVersion> _versions = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, ModelVersion> ById => _versions;

    /// <summary>Oldest first.</summary>
    public IEnumerable<ModelVersion> InOrder => _versions.Values.OrderBy(static version => version.Number);

    public int NextNumber => _versions.Count == 0 ? 0 : _versions.Values.Max(static version => version.Number) + 1;

    /// <summary>Cleans up after an interruption and reads what is there.</summary>
    public void Read()
    {
        folders.Clean();
        _versions = folders.List().ToDictionary(static version => version.Id, StringComparer.Ordinal);
    }

    public bool TryGet(string id, [NotNullWhen(true)] out ModelVersion? version) => _versions.TryGetValue(id, out version);

    /// <summary>The version of that id, label or number ("v3"), or whose id alone begins so.</summary>
    public ModelVersion? Find(string id)
    {
        if (TryGet(id, out var version))
            return version;
        var matches = _versions.Values
            .Where(candidate => candidate.Id.StartsWith(id, StringComparison.Ordinal) || candidate.Label == id || $"v{candidate.Number}" == id)
            .Take(2)
            .ToList();
        return matches.Count == 1 ? matches[0] : null;
    }

    /// <summary>Whether one could be served.</summary>
    public bool AnyUsable() => _versions.Values.Any(version => version.Accepted && IsIntact(version));

    public bool IsIntact(ModelVersion version)
    {
        try
        {
            _ = folders.ReadModel(version);
            return true;
        }
        catch (FineTuningException error)
        {
            Log.VersionDamaged(logger, error, version.Label);
            return false;
        }
    }

    /// <summary>Writes a version, signed where the host signs.</summary>
    public ModelVersion Add(ModelVersion version, byte[] model)
    {
        version = version with { Signature = folders.Sign(version.Id) };
        folders.Write(version, model);
        return _versions[version.Id] = version;
    }

    /// <summary>Writes what has changed about a version.</summary>
    public ModelVersion Update(ModelVersion version)
    {
        folders.Update(version);
        return _versions[version.Id] = version;
    }

    /// <summary>
    /// Removes the oldest accepted and the oldest refused ones beyond a number of each, so that candidates without success do not displace versions to go
    /// back to; but none of those with the given ids.
    /// </summary>
    public void Prune(string?[] kept, int keep)
    {
        var old = _versions.Values.GroupBy(static version => version.Accepted)
            .SelectMany(group => group.OrderByDescending(static version => version.Number).Skip(keep))
            .Where(version => !kept.Contains(version.Id))
            .ToList();
        foreach (var version in old)
        {
            try
            {
                folders.Delete(version.Id);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // A version too many does no harm, and what was just done stands. The next change tries again.
                Log.FolderNotDeleted(logger, error, version.Label);
                continue;
            }

            _versions.Remove(version.Id);
            Log.VersionPruned(logger, version.Label);
        }
    }
}
