using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary>Some models take batches of one size only. That is found out before anything runs.</summary>
internal static class FixedBatch
{
    /// <summary>The batch size to use: what was asked for, the model's own, or the default.</summary>
    public static int Resolve(ArtifactManifest manifest, int? asked, int usual, params ReadOnlySpan<IDataset?> data)
    {
        var inflexible = manifest.Inputs.Append(manifest.Target).FirstOrDefault(static tensor => !tensor.HasFreeBatch);
        if (inflexible is null)
            return asked ?? usual;
        if (inflexible.Shape.Count == 0)
            throw new ToolException(ExitCodes.Model, $"'{inflexible}' has no batch axis. Generate the artifacts with --fix {inflexible.Name}=VALUE.");
        int size = checked((int)inflexible.Shape[0].Extent);
        if (asked is { } other && other != size)
            throw ToolException.Usage($"--batch {other}: '{inflexible.Name}' takes batches of {size} only.");
        foreach (var samples in data)
        {
            if (samples is not null && samples.Count % size != 0)
                throw new DatasetException($"There are {samples.Count} samples, but '{inflexible.Name}' takes batches of {size} only; leave {samples.Count % size} out.");
        }

        return size;
    }
}
