using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Artifacts.Official.Kernels;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts;

/// <summary>Makes training artifacts from a model: what ONNX Runtime needs to train it, written in ordinary operators.</summary>
public static class ArtifactGenerator
{
    /// <summary>Generates the artifacts of a model.</summary>
    /// <param name="model">A forward model with fixed weights, as exporters write it.</param>
    /// <param name="options">Loss, parameters to train and the rest; null takes the defaults.</param>
    /// <exception cref="OnnxModelException">The model cannot be brought to the internal opset.</exception>
    /// <exception cref="Gradients.UnsupportedOperatorException">Operators on the way to the trainable parameters have no gradient; all are listed.</exception>
    /// <exception cref="FineTuningException">An option is out of range, names nothing in the model, or selects no parameter.</exception>
    public static TrainingArtifacts Generate(OnnxModel model, ArtifactOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new ArtifactOptions();
        options.Validate();
        if (options is { Layout: ArtifactLayout.Official, Official.Kernels: OfficialKernelUse.On })
            options = options with { Gradients = OfficialKernels.Over(options.Gradients) };
        var prepared = PreparedModel.From(model, options);
        if (prepared.Parameters.Count == 0)
            throw new FineTuningException($"{model.Source}: the model has no single-precision weights, so there is nothing to train.");

        var builder = new TrainingGraph(prepared, options, options.Trainable.Select(prepared.Parameters));
        var (training, loss) = builder.BuildTraining();
        if (builder.Reached.Count == 0)
        {
            throw new FineTuningException(
                $"{model.Source}: the loss on output '{loss.Output}' depends on none of the parameters to train. Choose other parameters or another output.");
        }

        var (eval, outputs) = builder.BuildEval();
        var manifest = new ArtifactManifest
        {
            LossName = options.Loss.Name,
            TargetKind = options.Loss.TargetKind,
            ClassCount = loss.ClassCount,
            ClassAxis = loss.ClassAxis,
            IgnoreIndex = (options.Loss as Losses.CrossEntropyLoss)?.IgnoreIndex,
            BlankIndex = (options.Loss as Losses.CtcLoss)?.Blank,
            HasInputLengths = options.Loss is Losses.CtcLoss { WithInputLengths: true },
            Inputs = [.. prepared.Proto.Graph.Input.Select(input => Describe(input, prepared.Types))],
            Target = loss.Target,
            Outputs = outputs,
            FinalActivation = loss.Activation,
            Parameters =
            [
                .. prepared.Parameters.Select(parameter =>
                    new ParameterInfo(parameter.Name, parameter.Shape, builder.Reached.Contains(parameter.Name))),
            ],
            States = builder.States,
            LossOutput = builder.LossName,
            ForwardNodes = prepared.Proto.Graph.Node.Count,
            TrainingNodes = training.Graph.Node.Count,
            Notes = [.. prepared.Notes, .. loss.Notes],
        };
        if (options.Layout == ArtifactLayout.Official)
            return OfficialLayout.Wrap(manifest, training, eval, prepared, options);
        return TrainingArtifacts.Create(manifest, training, eval, OptimizerModel.Build(options.Optimizer), model, InitialValues(prepared.Proto, manifest));
    }

    /// <summary>
    /// Tells what generating would do: what would train, which operators have a gradient, how much memory training takes. Missing gradients
    /// are part of the answer, not an error.
    /// </summary>
    /// <exception cref="OnnxModelException">The model cannot be brought to the internal opset.</exception>
    /// <exception cref="FineTuningException">An option is out of range or names nothing in the model.</exception>
    public static ModelReport Inspect(OnnxModel model, ArtifactOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new ArtifactOptions();
        options.Validate();
        return ModelInspection.Inspect(PreparedModel.From(model, options), options);
    }

    private static TensorInfo Describe(ValueInfoProto input, IReadOnlyDictionary<string, TensorType> types) =>
        types.TryGetValue(input.Name, out var type) && type.Shape is { } shape
            ? new TensorInfo(input.Name, type.ElementType, [.. shape])
            : throw new FineTuningException($"The input '{input.Name}' is not a tensor of known rank, so it cannot be fed. Fix it to a constant.");

    private static Dictionary<string, float[]> InitialValues(ModelProto model, ArtifactManifest manifest)
    {
        var wanted = manifest.Trainable.Select(static parameter => parameter.Name).Concat(manifest.States.Select(static state => state.Name)).ToHashSet();
        return model.Graph.Initializer.Where(tensor => wanted.Contains(tensor.Name))
            .ToDictionary(static tensor => tensor.Name, static tensor => TensorData.ToFloats(tensor));
    }
}
