using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The data folder of a service that does not run, for whoever looks after it by hand: versions, samples, and the pause that the next start finds.
/// The folder is locked meanwhile, so that no service starts on it.
/// </summary>
public sealed class FineTuningFolder : IDisposable
{
    private readonly DataDirectoryLock _lock;
    private readonly ManualPauseFile _pause;
    private readonly TimeProvider _time;

    private FineTuningFolder(DataDirectoryLock taken, ModelRegistry registry, SqliteSampleStore samples, ManualPauseFile pause, TimeProvider time)
    {
        _lock = taken;
        _pause = pause;
        _time = time;
        Registry = registry;
        Samples = samples;
    }

    /// <summary>The versions. The current one can be changed with <see cref="Promote"/> and <see cref="RollBack"/>.</summary>
    public ModelRegistry Registry { get; }

    /// <summary>The samples.</summary>
    public SqliteSampleStore Samples { get; }

    /// <summary>Why training pauses by hand; null when it does not.</summary>
    /// <exception cref="FineTuningException">The file that says so is damaged.</exception>
    public string? PauseReason
    {
        get
        {
            try
            {
                return _pause.Read()?.Reason;
            }
            catch (JsonException error)
            {
                throw new FineTuningException($"'{_pause.FilePath}' is damaged: {error.Message} Delete it, or pause again.", error);
            }
        }
    }

    /// <summary>What is wrong with the files of the versions.</summary>
    public IReadOnlyList<FineTuningProblem> Problems =>
        [.. Registry.Examine().Select(problem => new FineTuningProblem(FineTuningProblemKind.Registry, problem, _time.GetUtcNow()))];

    /// <summary>Opens the folder of a service that ran at least once.</summary>
    /// <param name="directory">The service's <see cref="FineTuningServiceOptions.DataDirectory"/>.</param>
    /// <param name="encryption">How its samples are encrypted; null when they are not.</param>
    /// <param name="signer">What signs its versions; null when nothing does.</param>
    /// <param name="time">The clock; null takes the system's.</param>
    /// <exception cref="FineTuningException">A service uses the folder, there is no version in it, or none that is intact.</exception>
    public static FineTuningFolder Open(
        string directory, EncryptionOptions? encryption = null, IModelSigner? signer = null, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        time ??= TimeProvider.System;
        string root = Path.GetFullPath(directory), registryPath = Path.Combine(root, "registry");
        if (!Directory.Exists(registryPath))
            throw new FineTuningException($"'{directory}' is no data folder of a fine-tuning service: it has no folder 'registry'.");
        var taken = DataDirectoryLock.Take(root);
        try
        {
            var registry = new ModelRegistry(registryPath, static () => int.MaxValue, signer, time, NullLogger<ModelRegistry>.Instance);
            registry.OpenExisting();
            // What is over a limit goes when the service takes samples in again, not by looking after it.
            var limits = new SampleLimits(int.MaxValue);
            var store = new SqliteSampleStore(Path.Combine(root, "samples.db"), limits, time) { Encryption = encryption?.CreateKeySource() };
            return new FineTuningFolder(taken, registry, store, new ManualPauseFile(root), time);
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>Makes a version the current one, also one that the gate refused.</summary>
    /// <param name="version">Its id, the beginning of it, its label, or its number ("v3").</param>
    /// <exception cref="FineTuningException">There is no such version, or it is damaged.</exception>
    public ModelVersion Promote(string version)
    {
        var found = Registry.Get(version);
        _ = Registry.ReadModel(found);
        return Registry.SetCurrent(found, "promoted by hand");
    }

    /// <summary>Makes the parent of the current version the current one.</summary>
    /// <exception cref="FineTuningException">The current version is a base model, or its parent is damaged or not kept any more.</exception>
    public ModelVersion RollBack()
    {
        var left = Registry.Current;
        _ = Registry.ReadModel(Registry.ParentOf(left));
        return Registry.RollBack($"rolled back from {left.Label}");
    }

    /// <summary>Lets no training begin or go on when the service starts, until it is resumed.</summary>
    public void Pause(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        _pause.Write(new ManualPause(reason, _time.GetUtcNow()));
    }

    /// <summary>Ends a pause by hand.</summary>
    public void Resume() => _pause.Delete();

    /// <summary>The model of a version, with its hash checked.</summary>
    /// <param name="version">Its id, the beginning of it, its label, or its number ("v3"); null for the current one.</param>
    /// <exception cref="FineTuningException">There is no such version, or it is damaged.</exception>
    public byte[] ReadModel(string? version) => Registry.ReadModel(version is null ? Registry.Current : Registry.Get(version));

    /// <summary>Lets a service start again.</summary>
    public void Dispose()
    {
        Samples.Dispose();
        _lock.Dispose();
    }
}
