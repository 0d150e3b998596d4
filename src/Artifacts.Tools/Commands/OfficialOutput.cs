using System.CommandLine;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary>The option that has a training leave artifacts for the official runtime to go on from.</summary>
internal sealed class OfficialOutput
{
    private readonly Option<string> _directory = CommonOptions.Text(
        "--official-out", "DIR", "Official artifacts: a folder to write them to with what was reached, for the official runtime to go on from.");

    public void AddTo(Command command) => command.Options.Add(_directory);

    /// <summary>Where the artifacts go; null where nobody asked for them.</summary>
    public string? Directory(ParseResult parsed) => parsed.GetValue(_directory);

    /// <summary>Refuses a place that cannot be written to, or artifacts that are not official.</summary>
    public void Check(ParseResult parsed, string folder, TrainableFolder artifacts)
    {
        if (Directory(parsed) is not { } target)
            return;
        if (artifacts.Official is null)
            throw ToolException.Usage($"{_directory.Name}: '{folder}' is of the stock layout. Only official artifacts are written; '{folder}' was not generated with --layout official.");
        if (File.Exists(target))
            throw ToolException.Usage($"{_directory.Name}: '{target}' is a file.");
        if (Path.TrimEndingDirectorySeparator(Path.GetFullPath(target)) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))
            throw ToolException.Usage($"{_directory.Name}: '{target}' is the folder of the artifacts themselves. Choose another one.");
        if (System.IO.Directory.Exists(target) && System.IO.Directory.EnumerateFileSystemEntries(target).Any() && !OfficialArtifactFiles.AreIn(target))
            throw ToolException.Usage($"{_directory.Name}: the folder '{target}' holds other files than official artifacts. Choose a new or empty one.");
    }

    /// <summary>Writes the artifacts, where somebody asked for them.</summary>
    /// <returns>Whether the checkpoint has the state of the optimizer, which it has where the optimizer model steps alike; null where nothing was written.</returns>
    public bool? Write(ParseResult parsed, TrainableFolder artifacts, FineTuningSession session)
    {
        if (Directory(parsed) is not { } target || artifacts.Official is not { } official)
            return null;
        var checkpoint = session.ToOfficialCheckpoint(official.Checkpoint, session.Optimizer.Name == official.Optimizer?.Name);
        official.Save(target, checkpoint, artifacts.Prefix);
        return checkpoint.OptimizerGroups.Count > 0;
    }
}
