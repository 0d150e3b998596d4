using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Training;

/// <content>Checkpoints and export.</content>
public sealed partial class FineTuningSession
{
    /// <summary>Writes parameters, moments, counters and the place in training. The file is either the old or the new one, never half.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cursor">The place in training; null where there is none.</param>
    /// <param name="includeOptimizerState">
    /// Whether moments, counters and learning rate are written, without which training begins anew from these parameters. Default: yes.
    /// </param>
    public void SaveCheckpoint(string path, TrainingCursor? cursor = null, bool includeOptimizerState = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        new Checkpoint
        {
            Model = _artifacts.Initial.Model,
            Optimizer = includeOptimizerState ? Optimizer.Name : null,
            LearningRate = includeOptimizerState ? _baseLearningRate : 0,
            StepCount = includeOptimizerState ? Optimizer.StepCount : 0,
            SkippedSteps = includeOptimizerState ? Optimizer.SkippedSteps : 0,
            Cursor = cursor,
            Properties = _properties.All,
            Tensors =
            [
                .. Section(Checkpoint.ParameterSection, Parameters),
                .. Section(Checkpoint.StateSection, _states),
                .. (includeOptimizerState ? Optimizer.States : []).SelectMany(static state => Section(state.Name, state.Buffer)),
            ],
        }.Save(path);
    }

    /// <summary>Goes back to where a checkpoint was written: the steps that follow give the same bits as they would have then.</summary>
    /// <returns>The place in training that was saved with it; null where there was none.</returns>
    /// <exception cref="FineTuningException">The file is missing or damaged, or belongs to another model or optimizer; nothing has changed.</exception>
    public TrainingCursor? LoadCheckpoint(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var checkpoint = LoadOwn(path);
        if (checkpoint.Optimizer is { } name && name != Optimizer.Name)
            throw new FineTuningException($"{path}: the checkpoint holds the moments of '{name}', but this session steps with '{Optimizer.Name}'.");
        RestoreTensors(checkpoint, path, withOptimizer: true);
        Optimizer.Restore(checkpoint.StepCount, checkpoint.SkippedSteps);
        if (checkpoint.Optimizer is not null)
            SetLearningRate(checkpoint.LearningRate);
        _properties.ReplaceAll(checkpoint.Properties);
        LazyResetGrad();
        return checkpoint.Cursor;
    }

    /// <summary>
    /// Takes the parameters and running statistics of a checkpoint, whatever optimizer it was trained with: to evaluate or to export. The
    /// optimizer's own state stays as it is.
    /// </summary>
    /// <exception cref="FineTuningException">The file is missing or damaged, or belongs to another model; nothing has changed.</exception>
    public void LoadParameters(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RestoreTensors(LoadOwn(path), path, withOptimizer: false);
        LazyResetGrad();
    }

    /// <summary>
    /// Writes the model as it was given, with the trained weights: same graph, names, opset and metadata.
    /// </summary>
    public void ExportModelForInferencing(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ExportModel().Save(path);
    }

    /// <summary>Writes the model with the trained weights, cut down to what some of its outputs depend on.</summary>
    /// <param name="path">The file.</param>
    /// <param name="outputNames">Outputs of the model, in the order that the file is to have.</param>
    /// <exception cref="FineTuningException">No output is named, one twice, or one that the model does not have; nothing is written.</exception>
    public void ExportModelForInferencing(string path, IReadOnlyCollection<string> outputNames)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(outputNames);
        var model = ExportModel();
        OutputSelection.Apply(model, outputNames);
        model.Save(path);
    }

    /// <summary>The model as it was given, with the trained weights.</summary>
    public OnnxModel ExportModel()
    {
        var weights = new Dictionary<string, float[]>();
        foreach (var slot in Parameters.Layout.Slots)
            weights[slot.Name] = Parameters[slot].ToArray();
        foreach (var slot in _states.Layout.Slots)
            weights[slot.Name] = _states[slot].ToArray();
        return InferenceExport.Export(_artifacts, weights);
    }

    private static IEnumerable<CheckpointTensor> Section(string name, FlatBuffer buffer) =>
        buffer.Layout.Slots.Select(slot => new CheckpointTensor(name, slot.Name, slot.Shape, buffer[slot].ToArray()));

    private Checkpoint LoadOwn(string path)
    {
        var checkpoint = Checkpoint.Load(path);
        return checkpoint.Model == _artifacts.Initial.Model
            ? checkpoint
            : throw new FineTuningException($"{path}: the checkpoint belongs to another training model (SHA-256 {checkpoint.Model}, this one is {_artifacts.Initial.Model}).");
    }

    private void RestoreTensors(Checkpoint checkpoint, string source, bool withOptimizer)
    {
        var found = checkpoint.Tensors.ToDictionary(static tensor => (tensor.Section, tensor.Name));
        var targets = new List<(FlatBuffer Buffer, BufferSlot Slot, CheckpointTensor Tensor)>();
        void Collect(string section, FlatBuffer buffer)
        {
            foreach (var slot in buffer.Layout.Slots)
            {
                if (!found.TryGetValue((section, slot.Name), out var tensor))
                    throw new FineTuningException($"{source}: there is no {section} of '{slot.Name}'.");
                if (!tensor.Shape.SequenceEqual(slot.Shape))
                    throw new FineTuningException($"{source}: the {section} of '{slot.Name}' has shape [{string.Join(", ", tensor.Shape)}], expected [{string.Join(", ", slot.Shape)}].");
                targets.Add((buffer, slot, tensor));
            }
        }

        Collect(Checkpoint.ParameterSection, Parameters);
        Collect(Checkpoint.StateSection, _states);
        if (withOptimizer && checkpoint.Optimizer is not null)
        {
            foreach (var state in Optimizer.States)
                Collect(state.Name, state.Buffer);
        }

        foreach (var (buffer, slot, tensor) in targets)
            tensor.Values.Span.CopyTo(buffer[slot]);
        if (withOptimizer && checkpoint.Optimizer is null)
        {
            foreach (var state in Optimizer.States)
                state.Buffer.Clear();
        }
    }
}
