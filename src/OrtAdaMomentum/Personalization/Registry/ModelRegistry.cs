using Microsoft.Extensions.Logging;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The versions of the model in a folder: content-addressed, each with its parent and the reason of its acceptance, and a pointer to the
/// current one that changes atomically. Reading is safe from several threads at once.
/// </summary>
public sealed class ModelRegistry
{
    private readonly Lock _lock = new();
    private readonly CurrentPointerFile _pointer;
    private readonly VersionFolders _folders;
    private readonly KnownVersions _versions;
    private readonly Func<int> _keep;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _directory;
    private readonly IModelSigner? _signer;
    private ModelVersion? _current;
    private BaseModelFile? _base;

    /// <summary>A registry in a folder, which <see cref="Open"/> creates.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="keepVersions">How many of the newest accepted versions are kept, and of the newest refused ones, beside the current one, its parent, its base and the one that was current before.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to report.</param>
    public ModelRegistry(string directory, int keepVersions, TimeProvider time, ILogger<ModelRegistry> logger)
        : this(directory, () => keepVersions, signer: null, time, logger)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keepVersions, 1);
    }

    internal ModelRegistry(string directory, Func<int> keepVersions, IModelSigner? signer, TimeProvider time, ILogger<ModelRegistry> logger)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(time);
        _directory = Path.GetFullPath(directory);
        _pointer = new CurrentPointerFile(_directory, time, logger);
        _folders = new VersionFolders(Path.Combine(_directory, "versions"), signer, logger);
        _versions = new KnownVersions(_folders, logger);
        _signer = signer;
        _keep = keepVersions;
        _time = time;
        _logger = logger;
    }

    /// <summary>The version that is to be served.</summary>
    /// <exception cref="InvalidOperationException">The registry is not open.</exception>
    public ModelVersion Current =>
        Volatile.Read(ref _current)
        ?? throw new InvalidOperationException("The model registry is not open yet; the service opens it when it starts.");

    /// <summary>The folder that has a folder for each version.</summary>
    internal string VersionsDirectory => _folders.Root;

    /// <summary>All versions, oldest first.</summary>
    public IReadOnlyList<ModelVersion> Versions
    {
        get
        {
            lock (_lock)
                return [.. _versions.InOrder];
        }
    }

    /// <summary>The version of that id, label or number ("v3"), or whose id alone begins so; null when there is none.</summary>
    public ModelVersion? Find(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        lock (_lock)
            return _versions.Find(id);
    }

    /// <summary>The version of that id, label or number ("v3"), or whose id alone begins so.</summary>
    /// <exception cref="FineTuningException">There is none; the message lists those that there are.</exception>
    public ModelVersion Get(string id) =>
        Find(id) ?? throw new FineTuningException($"There is no version '{id}'. Versions: {string.Join(", ", Versions)}.");

    /// <summary>The model file of a version, with its hash checked.</summary>
    /// <exception cref="FineTuningException">The file is missing or damaged.</exception>
    public byte[] ReadModel(ModelVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return _folders.ReadModel(version);
    }

    /// <summary>
    /// Cleans up after an interruption, imports the base model where it is new, and settles the current version on an intact one. A base model that
    /// cannot be used stops nothing as long as there is an intact version: what was served goes on being served.
    /// </summary>
    /// <param name="baseModelPath">The file of the base model.</param>
    /// <param name="check">Throws a <see cref="FineTuningException"/> for a model that cannot be served or trained.</param>
    /// <exception cref="FineTuningException">There is no version to serve.</exception>
    internal ModelVersion Open(string baseModelPath, Action<byte[]>? check = null)
    {
        lock (_lock)
        {
            Read();
            _base = new BaseModelFile(baseModelPath, _signer);
            Volatile.Write(ref _current, Settle(FindOrImportBase(_base, check)));
            return Current;
        }
    }

    /// <summary>Opens a registry as its service left it, without the base model's file.</summary>
    /// <exception cref="FineTuningException">There is no version that could be served.</exception>
    internal ModelVersion OpenExisting()
    {
        lock (_lock)
        {
            Read();
            if (!_versions.AnyUsable())
                throw new FineTuningException($"There is no intact version in '{_directory}'.");
            Volatile.Write(ref _current, Settle(baseVersion: null));
            return Current;
        }
    }

    /// <summary>What is wrong with the base model's file and with the versions on disk; a sentence for each, empty when all is well.</summary>
    internal IReadOnlyList<string> Examine()
    {
        lock (_lock)
        {
            var current = Current;
            string?[] problems =
            [
                _base?.Examine(_versions.ById.GetValueOrDefault(current.Base)?.SourceHash, current.Label),
                .. _versions.InOrder.Select(_folders.Examine),
            ];
            return [.. problems.OfType<string>()];
        }
    }

    /// <summary>Stores a candidate. One that is stored already is returned as it is.</summary>
    internal ModelVersion Commit(byte[] model, ModelVersion parent, GateDecision decision)
    {
        lock (_lock)
        {
            string id = ContentHash.Of(model);
            if (_versions.TryGet(id, out var existing) && _versions.IsIntact(existing))
                return existing;
            var candidate = new ModelVersion
            {
                Id = id,
                Number = existing?.Number ?? _versions.NextNumber,
                Parent = parent.Id,
                Base = parent.Base,
                Created = _time.GetUtcNow(),
                Accepted = decision.Promote,
                Reason = decision.Reason,
                Decision = decision,
                Size = model.Length,
            };
            var version = _versions.Add(candidate, model);
            Prune(justAdded: version.Id);
            return version;
        }
    }

    /// <summary>Makes a version the current one.</summary>
    internal ModelVersion SetCurrent(ModelVersion version, string reason)
    {
        lock (_lock)
        {
            version = _versions.ById.GetValueOrDefault(version.Id)
                ?? throw new FineTuningException($"Version {version.Label} is not in the registry any more.");
            // Before the pointer: it must never lead to a version that is not accepted, or whose record the next start does not find.
            if (!version.Accepted)
                version = _versions.Update(version with { Accepted = true, Reason = reason });
            else if (!_folders.HasRecord(version))
                version = _versions.Update(version);

            _pointer.Write(version, previous: _current, reason);
            Volatile.Write(ref _current, version);
            Prune();
            return version;
        }
    }

    /// <summary>Makes the parent of the current version the current one. The version left is not accepted any more.</summary>
    /// <exception cref="FineTuningException">The current version is a base model, or its parent is not kept.</exception>
    internal ModelVersion RollBack(string reason)
    {
        lock (_lock)
        {
            var left = Current;
            var parent = SetCurrent(ParentOf(left), reason);
            // After the pointer: an interruption in between leaves a version accepted that is not current, which does no harm. The parent is served either way.
            try
            {
                Refuse(left, reason);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                Log.VersionNotMarked(_logger, error, left.Label);
            }

            return parent;
        }
    }

    /// <summary>Takes back that a version is accepted.</summary>
    internal ModelVersion Refuse(ModelVersion version, string reason)
    {
        lock (_lock)
        {
            return _versions.Update(version with { Accepted = false, Reason = reason });
        }
    }

    /// <summary>The version that a version was trained from.</summary>
    /// <exception cref="FineTuningException">It is a base model, or its parent is not kept.</exception>
    internal ModelVersion ParentOf(ModelVersion version)
    {
        if (version.Parent is null)
            throw new FineTuningException($"Version {version.Label} is a base model; there is nothing to roll back to.");
        return Find(version.Parent)
            ?? throw new FineTuningException(
                $"The parent of version {version.Label} is not kept any more. Promote one of {string.Join(", ", Versions)} instead.");
    }

    private void Read()
    {
        Directory.CreateDirectory(_directory);
        AtomicFile.RemoveLeftovers(_directory);
        _versions.Read();
    }

    /// <summary>The version of the base model's file; null when the file cannot be used but something else can be served.</summary>
    private ModelVersion? FindOrImportBase(BaseModelFile file, Action<byte[]>? check)
    {
        try
        {
            string sourceHash = file.Hash();
            var known = _versions.InOrder.FirstOrDefault(version => version.SourceHash == sourceHash);
            if (known is not null && _versions.IsIntact(known))
                return known;
            byte[] model = file.Load();
            check?.Invoke(model);
            return Import(model, sourceHash, known);
        }
        catch (Exception error) when (error is FineTuningException or IOException or UnauthorizedAccessException && _versions.AnyUsable())
        {
            Log.BaseModelUnusable(_logger, error, file.Path);
            return null;
        }
    }

    private ModelVersion Import(byte[] model, string sourceHash, ModelVersion? known)
    {
        string id = ContentHash.Of(model);
        var imported = new ModelVersion
        {
            Id = id,
            Number = known?.Number ?? _versions.NextNumber,
            Base = id,
            SourceHash = sourceHash,
            Created = _time.GetUtcNow(),
            Accepted = true,
            Reason = "base model",
            Size = model.Length,
        };
        var version = _versions.Add(imported, model);
        Log.BaseModelImported(_logger, _base!.Path, version.Label);
        return version;
    }

    /// <summary>The version that the pointer names, or where that is not possible the newest intact one of the same base model.</summary>
    private ModelVersion Settle(ModelVersion? baseVersion)
    {
        var pointed = _pointer.Read(_versions.ById);
        if (pointed is not null && baseVersion is not null && pointed.Base != baseVersion.Id)
        {
            Log.BaseModelChanged(_logger, pointed.Label, baseVersion.Label);
            pointed = null;
        }
        else if (pointed is not null && _versions.IsIntact(pointed))
        {
            return pointed;
        }

        var fallback = _versions.InOrder
            .Where(version => version.Accepted && (baseVersion is null || version.Base == baseVersion.Id) && version.Id != pointed?.Id)
            .Reverse()
            .First(version => version.Id == baseVersion?.Id || _versions.IsIntact(version)); // the base was checked or written just now
        string reason = _versions.ById.Count == 1 ? "first start" : "the newest intact version";
        Log.CurrentVersionSettled(_logger, fallback.Label, reason);
        _pointer.TryWrite(fallback, reason);
        return fallback;
    }

    /// <param name="justAdded">A version to keep although its number may be an old one.</param>
    private void Prune(string? justAdded = null)
    {
        if (_current is { } current)
            _versions.Prune([current.Id, current.Parent, current.Base, _pointer.Previous, justAdded], _keep());
    }
}
