using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Support;

/// <summary>A registry in a folder of its own, and decisions to put candidates in with.</summary>
internal sealed class Registries : IDisposable
{
    private readonly FakeLogCollector _logs = new();

    public Registries() => ModelPath = TinyClassifier.Write(Folder);

    public TemporaryFolder Folder { get; } = new();

    public string ModelPath { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public string Root => Folder["registry"];

    /// <summary>What was logged as a warning or an error.</summary>
    public IEnumerable<string> Complaints =>
        _logs.GetSnapshot().Where(static record => record.Level >= LogLevel.Warning).Select(static record => record.Message);

    /// <summary>Opens the folder as a new process would.</summary>
    public ModelRegistry Open(int keep = 5)
    {
        var registry = new ModelRegistry(Root, keep, Time, new FakeLogger<ModelRegistry>(_logs));
        registry.Open(ModelPath);
        return registry;
    }

    public string VersionFolder(ModelVersion version) => Folder["registry", "versions", version.Id];

    /// <summary>Commits a candidate and makes it current.</summary>
    public static ModelVersion Promote(ModelRegistry registry, float slant) =>
        registry.SetCurrent(registry.Commit(TinyClassifier.Model(slant), registry.Current, Decision(true)), "better");

    public static GateDecision Decision(bool promote) =>
        new(promote, promote ? "better" : "worse", new ModelScores(new Evaluation(0.7, 0.5, 10), null), new ModelScores(new Evaluation(double.NaN, 0.9, 10), null));

    public void Dispose() => Folder.Dispose();
}
