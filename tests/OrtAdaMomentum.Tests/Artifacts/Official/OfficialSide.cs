using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>A model's artifacts of the official layout, in a folder of their own.</summary>
internal sealed class OfficialSide : IDisposable
{
    private readonly OfficialRuntimeHost _host;
    private readonly OfficialLayoutOptions _options;
    private readonly TemporaryFolder _folder = new();

    public OfficialSide(OfficialRuntimeHost host, JudgedModel model, OfficialLayoutOptions options)
    {
        _host = host;
        _options = options;
        Model = model;
        Artifacts = ArtifactGenerator.Generate(model.Load(), model.Options with { Layout = ArtifactLayout.Official, Official = options });
        Artifacts.Save(_folder.Path);
    }

    public JudgedModel Model { get; }

    public TrainingArtifacts Artifacts { get; }

    public Task Open(string checkpoint = TrainingArtifacts.CheckpointFile) => _host.Runtime.Open(_folder.Path, _options.Prefix, checkpoint);

    public void Dispose() => _folder.Dispose();
}
