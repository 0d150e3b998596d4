using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>The start of training as this library keeps it, from a checkpoint of the official layout.</summary>
internal static class OfficialInitial
{
    /// <exception cref="FineTuningException">The checkpoint lacks a tensor that the manifest names, or has it in another shape.</exception>
    public static Checkpoint Of(OfficialCheckpoint official, ArtifactManifest manifest, ReadOnlyMemory<byte> training, string source)
    {
        var tensors = official.TrainableParameters.Concat(official.FrozenParameters).ToDictionary(static tensor => tensor.Name);
        return new Checkpoint
        {
            Model = ContentHash.Of(training.Span),
            Properties = CheckpointProperty.From(official.Properties),
            Tensors =
            [
                .. manifest.Trainable.Select(parameter => Tensor(Checkpoint.ParameterSection, parameter.Name, parameter.Shape)),
                .. manifest.States.Select(state => Tensor(Checkpoint.StateSection, state.Name, state.Shape)),
            ],
        };

        CheckpointTensor Tensor(string section, string name, IReadOnlyList<long> shape)
        {
            if (!tensors.TryGetValue(name, out var tensor))
                throw new FineTuningException($"{source}: there is no parameter '{name}'. Generate the artifacts anew.");
            if (!tensor.Shape.SequenceEqual(shape))
                throw new FineTuningException($"{source}: '{name}' has the shape [{string.Join(", ", tensor.Shape)}], expected [{string.Join(", ", shape)}]. Generate the artifacts anew.");
            return new CheckpointTensor(section, name, shape, tensor.ToSingles());
        }
    }
}
