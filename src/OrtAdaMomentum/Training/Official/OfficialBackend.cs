using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Training.Official;

/// <summary>
/// Runs the artifacts of the official layout on the official training runtime. Its parameters are set from our buffer before each pass, and the
/// gradients that a step gives are copied into ours, so that everything else of a session is as on the stock runtime.
/// </summary>
internal sealed class OfficialBackend : ITrainingBackend
{
    private readonly IOfficialTraining _training;
    private readonly ArtifactManifest _manifest;
    private readonly FlatBuffer _parameters;
    private readonly FlatBuffer _gradients;
    private readonly FlatBuffer _nextStates;
    private readonly List<BufferSlot> _packedOrder;
    private readonly NativeTensor _packed;
    private readonly List<(string Name, OrtValue Value)> _states;
    private readonly IReadOnlyList<string> _trainingInputs;
    private readonly IReadOnlyList<string> _evalInputs;
    private readonly IReadOnlyList<string> _evalOutputs;
    private readonly int _lossOutput;
    private readonly List<(int Output, BufferSlot Slot)> _gradientOutputs = [];

    /// <exception cref="FineTuningException">The runtime does not take or give what the manifest says.</exception>
    public OfficialBackend(TrainingArtifacts artifacts, IOfficialTraining training, FlatBuffer parameters, FlatBuffer gradients, FlatBuffer states, FlatBuffer nextStates)
    {
        _training = training;
        _manifest = artifacts.Manifest;
        _parameters = parameters;
        _gradients = gradients;
        _nextStates = nextStates;
        _trainingInputs = KnownInputs(training: true);
        _evalInputs = KnownInputs(training: false);
        _evalOutputs = training.OutputNames(training: false);
        string[] outputs = [.. training.OutputNames(training: true)];
        _lossOutput = IndexOf(outputs, _manifest.LossOutput);
        foreach (var slot in parameters.Layout.Slots)
            _gradientOutputs.Add((IndexOf(outputs, OfficialGraphNames.RawGradient(slot.Name)), slot));
        _packedOrder = PackedOrder(artifacts.TrainingModel, parameters.Layout);
        _packed = new NativeTensor("parameters", ElementType.Float, [parameters.Layout.ElementCount]);
        _states = [.. states.Layout.Slots.Select(slot => (slot.Name, FlatBufferValues.View(states, slot)))];
        CheckOrder();
    }

    /// <summary>Opens the runtime. Where it is missing, or the artifacts are not made for it, nothing is written.</summary>
    /// <exception cref="FineTuningException">The runtime is missing, or does not take the artifacts.</exception>
    public static OfficialBackend Open(
        TrainingArtifacts artifacts, FineTuningOptions options, FlatBuffer parameters, FlatBuffer gradients, FlatBuffer states, FlatBuffer nextStates)
    {
        if (artifacts.OfficialCheckpoint is not { } checkpoint)
        {
            throw new FineTuningException(
                $"The artifacts are of the layout '{artifacts.Manifest.Layout}', which the official training runtime does not take. "
                + "Generate them anew with ArtifactOptions { Layout = ArtifactLayout.Official }.");
        }

        var trainingModel = RawGradients.AddTo(artifacts.TrainingModel, artifacts.Manifest.Trainable);
        if (options.OfficialRuntime is null)
            OfficialTraining.RequireNative();
        using var files = new OfficialSessionFiles(artifacts, trainingModel, checkpoint);
        var training = options.OfficialRuntime?.Invoke(files) ?? OfficialTraining.Open(files, options);
        try
        {
            return new OfficialBackend(artifacts, training, parameters, gradients, states, nextStates);
        }
        catch
        {
            training.Dispose();
            throw;
        }
    }

    public float Train(TrainingBatch batch)
    {
        SetParameters();
        // The runtime adds up gradients too, which nobody reads.
        _training.LazyResetGrad();
        using var outputs = _training.TrainStep(Values(batch, _trainingInputs));
        foreach (var (index, slot) in _gradientOutputs)
            outputs[index].GetTensorDataAsSpan<float>().CopyTo(_gradients[slot]);
        foreach (var slot in _nextStates.Layout.Slots)
        {
            using var state = _training.GetParameter(slot.Name);
            state.GetTensorDataAsSpan<float>().CopyTo(_nextStates[slot]);
        }

        return outputs[_lossOutput].GetTensorDataAsSpan<float>()[0];
    }

    public IEvalOutputs Evaluate(TrainingBatch batch)
    {
        SetParameters();
        var evaluation = (OfficialEvaluation)(batch.EvalOutputs ??= new OfficialEvaluation(_manifest.LossOutput, _evalOutputs));
        evaluation.Take(_training.EvalStep(Values(batch, _evalInputs)));
        return evaluation;
    }

    public void Dispose()
    {
        _training.Dispose();
        _packed.Dispose();
        foreach (var (_, value) in _states)
            value.Dispose();
    }

    private void SetParameters()
    {
        Pack();
        _training.FromBuffer(_packed.Value, onlyTrainable: true);
        foreach (var (name, value) in _states)
            _training.UpdateParameter(name, value);
    }

    private void Pack()
    {
        var rest = _packed.As<float>();
        foreach (var slot in _packedOrder)
        {
            _parameters[slot].CopyTo(rest);
            rest = rest[slot.Length..];
        }
    }

    /// <summary>A runtime that packs in another order would train nonsense without a word.</summary>
    private void CheckOrder()
    {
        Pack();
        using var theirs = _training.ToBuffer(onlyTrainable: true);
        if (!theirs.GetTensorDataAsSpan<byte>().SequenceEqual(_packed.Bytes))
            throw new FineTuningException("The official training runtime holds other parameters, or holds them in another order, than the artifacts say. Generate the artifacts anew.");
    }

    private static List<BufferSlot> PackedOrder(ReadOnlyMemory<byte> trainingModel, BufferLayout layout)
    {
        var order = new List<BufferSlot>();
        foreach (var input in ModelProto.Parser.ParseFrom(trainingModel.Span).Graph.Input)
        {
            if (layout.TryGetSlot(input.Name, out var slot))
                order.Add(slot);
        }

        return order.Count == layout.Slots.Count
            ? order
            : throw new FineTuningException($"The training model has {order.Count} of {layout.Slots.Count} trainable parameters as inputs. Generate the artifacts anew.");
    }

    private IReadOnlyList<string> KnownInputs(bool training)
    {
        var names = _training.InputNames(training);
        var known = _manifest.Inputs.Append(_manifest.Target).Select(static tensor => tensor.Name);
        return names.Except(known).FirstOrDefault() is { } unknown
            ? throw new FineTuningException($"The {(training ? "training" : "eval")} model asks for '{unknown}', which the manifest does not know. Generate the artifacts anew.")
            : names;
    }

    private static int IndexOf(string[] outputs, string name) =>
        Array.IndexOf(outputs, name) is var index and >= 0
            ? index
            : throw new FineTuningException($"The training model does not give '{name}'. It gives: {string.Join(", ", outputs)}.");

    private static OrtValue[] Values(TrainingBatch batch, IReadOnlyList<string> names)
    {
        var values = new OrtValue[names.Count];
        for (int index = 0; index < values.Length; index++)
            values[index] = batch.ValueOf(names[index]);
        return values;
    }
}
