using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Training;

/// <content>Artifacts and checkpoints of the official training API.</content>
public sealed partial class FineTuningSession
{
    /// <summary>
    /// Opens official artifacts on the stock runtime. The checkpoint's properties are those of the session, which goes on from the optimizer's state
    /// where the optimizer is the same.
    /// </summary>
    /// <param name="artifacts">What to train.</param>
    /// <param name="options">How; null steps as the artifacts' optimizer model does, with the defaults where they have none.</param>
    /// <exception cref="FineTuningException">
    /// An option is out of range or asks for the official runtime, or the checkpoint's moments do not fit the parameters.
    /// </exception>
    public static FineTuningSession Open(OfficialArtifacts artifacts, FineTuningOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        if (options?.Backend == TrainingBackend.Official)
        {
            throw new FineTuningException(
                "OfficialArtifacts are read for the stock runtime. For TrainingBackend.Official generate artifacts with this library, in the official layout, and open them with TrainingArtifacts.Load.");
        }

        var session = new FineTuningSession(artifacts.Training, options ?? new FineTuningOptions().StepAs(artifacts.Optimizer));
        try
        {
            session.RestoreOptimizer(artifacts.Checkpoint);
            session._properties.ReplaceAll(CheckpointProperty.From(artifacts.Checkpoint.Properties));
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>What this session has reached, as an official checkpoint.</summary>
    /// <param name="basis">The checkpoint of the artifacts, whose frozen parameters are kept.</param>
    /// <param name="withOptimizer">
    /// Whether the moments are kept too, where the official runtime has such an optimizer; it has none with AdaMomentum's.
    /// </param>
    /// <exception cref="FineTuningException">The checkpoint belongs to other parameters.</exception>
    public OfficialCheckpoint ToOfficialCheckpoint(OfficialCheckpoint basis, bool withOptimizer = true)
    {
        ArgumentNullException.ThrowIfNull(basis);
        RequireSameParameters(basis);
        return basis with
        {
            IsNominal = false,
            Properties = _properties.ToOfficial(),
            TrainableParameters = [.. basis.TrainableParameters.Select(tensor => Reached(tensor, Parameters))],
            FrozenParameters = [.. basis.FrozenParameters.Select(tensor => _states.Layout.Slots.Any(slot => slot.Name == tensor.Name) ? Reached(tensor, _states) : tensor)],
            OptimizerGroups = withOptimizer && Optimizer is AdamW or Sgd { States.Count: 0 } && Optimizer.StepCount > 0 ? [Group(basis)] : [],
        };
    }

    private static OfficialTensor Reached(OfficialTensor tensor, FlatBuffer buffer)
    {
        var slot = buffer.Layout[tensor.Name];
        return OfficialTensor.FromSingles(tensor.Name, slot.Shape, buffer[slot]) with { Documentation = tensor.Documentation, IsExternal = tensor.IsExternal };
    }

    private OfficialOptimizerGroup Group(OfficialCheckpoint basis) => new(
        OfficialOptimizerGroup.DefaultName, Optimizer.StepCount, (float)_baseLearningRate,
        [.. basis.TrainableParameters.Select(tensor => new OfficialOptimizerState(tensor.Name, [.. Moments(Parameters.Layout[tensor.Name])]))]);

    private IEnumerable<OfficialTensor> Moments(BufferSlot parameter) => Optimizer.States.Count > 0
        ? Optimizer.States.Select((state, index) => OfficialTensor.FromSingles(
            index == 0 ? OfficialOptimizerState.FirstMoment : OfficialOptimizerState.SecondMoment, parameter.Shape, state.Buffer[state.Buffer.Layout[parameter.Name]]))
        // The official runtime asks for a moment of SGD too, which its operator then leaves alone.
        : [OfficialTensor.FromSingles(OfficialOptimizerState.FirstMoment, parameter.Shape, new float[parameter.Length])];

    private void RequireSameParameters(OfficialCheckpoint basis)
    {
        var own = Parameters.Layout.Slots.Select(static slot => slot.Name).ToHashSet();
        if (!own.SetEquals(basis.TrainableParameters.Select(static tensor => tensor.Name)))
            throw new FineTuningException("The official checkpoint has other trainable parameters than this session, so they do not belong together.");
    }

    private void RestoreOptimizer(OfficialCheckpoint checkpoint)
    {
        if (checkpoint.OptimizerGroups is not [var group] || Optimizer is not (AdamW or Sgd { States.Count: 0 }))
            return;
        var states = group.States.ToDictionary(static state => state.Parameter);
        var found = new List<(FlatBuffer Buffer, BufferSlot Slot, float[] Values)>();
        for (int index = 0; index < Optimizer.States.Count; index++)
        {
            string moment = index == 0 ? OfficialOptimizerState.FirstMoment : OfficialOptimizerState.SecondMoment;
            foreach (var slot in Optimizer.States[index].Buffer.Layout.Slots)
            {
                var tensor = states.GetValueOrDefault(slot.Name)?.Moments.FirstOrDefault(tensor => tensor.Name == moment)
                    ?? throw new FineTuningException($"The checkpoint's optimizer state has no {moment} of '{slot.Name}', which {Optimizer.Name} needs.");
                if (!tensor.Shape.SequenceEqual(slot.Shape))
                {
                    throw new FineTuningException(
                        $"The {moment} of '{slot.Name}' has shape [{string.Join(", ", tensor.Shape)}] in the checkpoint, expected [{string.Join(", ", slot.Shape)}].");
                }

                found.Add((Optimizer.States[index].Buffer, slot, tensor.ToSingles()));
            }
        }

        foreach (var (buffer, slot, values) in found)
            values.CopyTo(buffer[slot]);
        Optimizer.Restore(group.Step, skippedSteps: 0);
    }
}
