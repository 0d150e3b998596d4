using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Training;

/// <summary>
/// Runs the artifacts of the stock layout. The runtime reads the parameters from, and writes the gradients to, the flat buffers in place.
/// </summary>
internal sealed class StockBackend : ITrainingBackend
{
    private readonly TrainingArtifacts _artifacts;
    private readonly FineTuningOptions _options;
    private readonly RunOptions _runOptions = new();
    private readonly InferenceSession _training;
    private readonly List<(string Name, OrtValue Value)> _inputs = [];
    private readonly List<(string Name, OrtValue Value)> _outputs = [];
    private readonly NativeTensor _loss;
    private InferenceSession? _eval;

    public StockBackend(TrainingArtifacts artifacts, FineTuningOptions options, FlatBuffer parameters, FlatBuffer gradients, FlatBuffer states, FlatBuffer nextStates)
    {
        _artifacts = artifacts;
        _options = options;
        var manifest = artifacts.Manifest;
        _training = RuntimeSession.OpenTraining(RandomSeeds.Apply(artifacts.TrainingModel, options.Seed), options);
        _loss = new NativeTensor(manifest.LossOutput, Onnx.ElementType.Float, []);
        foreach (var parameter in manifest.Trainable)
        {
            _inputs.Add((parameter.Name, FlatBufferValues.View(parameters, parameters.Layout[parameter.Name])));
            _outputs.Add((ArtifactManifest.GradientName(parameter.Name), FlatBufferValues.View(gradients, gradients.Layout[parameter.Name])));
        }

        foreach (var state in manifest.States)
        {
            _inputs.Add((state.Name, FlatBufferValues.View(states, states.Layout[state.Name])));
            _outputs.Add((state.UpdatedName, FlatBufferValues.View(nextStates, nextStates.Layout[state.Name])));
        }
    }

    public float Train(TrainingBatch batch)
    {
        batch.TrainingBinding ??= BindTraining(batch);
        _training.RunWithBinding(_runOptions, batch.TrainingBinding);
        return _loss.As<float>()[0];
    }

    public IEvalOutputs Evaluate(TrainingBatch batch)
    {
        _eval ??= RuntimeSession.Open(_artifacts.EvalModel, _options);
        var outputs = (EvalBinding)(batch.EvalOutputs ??= BindEval(batch));
        _eval.RunWithBinding(_runOptions, outputs.Binding);
        return outputs;
    }

    public void Dispose()
    {
        foreach (var (_, value) in _inputs.Concat(_outputs))
            value.Dispose();
        _loss.Dispose();
        _eval?.Dispose();
        _training.Dispose();
        _runOptions.Dispose();
    }

    private OrtIoBinding BindTraining(TrainingBatch batch)
    {
        var binding = _training.CreateIoBinding();
        BindInputs(binding, batch, [.. _training.InputMetadata.Keys]);
        binding.BindOutput(_loss.Name, _loss.Value);
        foreach (var (name, value) in _outputs)
            binding.BindOutput(name, value);
        return binding;
    }

    private EvalBinding BindEval(TrainingBatch batch)
    {
        var binding = _eval!.CreateIoBinding();
        BindInputs(binding, batch, [.. _eval.InputMetadata.Keys]);
        return new EvalBinding(binding, batch.Manifest, batch.Size);
    }

    private void BindInputs(OrtIoBinding binding, TrainingBatch batch, IReadOnlyCollection<string> taken)
    {
        foreach (var tensor in batch.Tensors.Where(tensor => taken.Contains(tensor.Name)))
            binding.BindInput(tensor.Name, tensor.Value);
        foreach (var (name, value) in _inputs.Where(input => taken.Contains(input.Name)))
            binding.BindInput(name, value);
    }
}
