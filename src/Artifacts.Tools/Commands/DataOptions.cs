using System.CommandLine;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Tools.Data;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary>The options that name data.</summary>
internal sealed class DataOptions
{
    private readonly Option<string> _data = CommonOptions.Text(
        "--data", "FILE", "Samples: .npz, .csv, a pair of IDX files as IMAGES,LABELS, a folder with such a pair, or a folder of images per class.", required: true);

    private readonly Option<bool> _scaleBytes = new("--scale-bytes")
    {
        Description = "Divide inputs stored as unsigned bytes by 255.",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_data);
        command.Options.Add(_scaleBytes);
    }

    public string Path(ParseResult parsed) => parsed.GetRequiredValue(_data);

    public IDataset Open(ParseResult parsed, ArtifactManifest manifest) => Open(parsed, Path(parsed), manifest);

    public IDataset Open(ParseResult parsed, string path, ArtifactManifest manifest) =>
        DatasetSource.Open(path, DatasetSchema.Of(manifest), new DatasetReadOptions { ScaleBytes = parsed.GetValue(_scaleBytes) });
}
