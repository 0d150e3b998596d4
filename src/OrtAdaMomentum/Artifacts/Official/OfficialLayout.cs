using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>Wraps the graphs of the stock layout for the official runtime: same gradients, another tail.</summary>
internal static class OfficialLayout
{
    /// <param name="stock">Describes the graphs of the stock layout.</param>
    /// <param name="training">The training model of the stock layout, which is changed.</param>
    /// <param name="eval">The eval model of the stock layout, which is changed.</param>
    /// <param name="prepared">The model.</param>
    /// <param name="options">How the artifacts are made.</param>
    /// <exception cref="FineTuningException">A name in the model means something else to the official runtime, or the model is too new for it.</exception>
    public static TrainingArtifacts Wrap(ArtifactManifest stock, ModelProto training, ModelProto eval, PreparedModel prepared, ArtifactOptions options)
    {
        foreach (string name in stock.Inputs.Append(stock.Target).Concat(stock.Outputs).Select(static tensor => tensor.Name))
        {
            if (OfficialGraphNames.IsReserved(name))
                throw new FineTuningException($"{prepared.Source.Source}: the official runtime takes '{name}' for a value of its own. Rename this input or output in the model.");
        }

        var parameters = Parameters(stock, training, eval, prepared);
        OfficialTrainingModel.Apply(training, parameters, options.Official);
        OfficialInputs.Apply(eval.Graph, parameters);
        FullLayerScales.WriteOut(eval.Graph);
        OfficialOpsets.Declare(eval);
        var manifest = stock with { Layout = ArtifactManifest.OfficialLayout, TrainingNodes = training.Graph.Node.Count };
        return TrainingArtifacts.CreateOfficial(
            manifest, training, eval, OfficialOptimizerModel.Build(options.Official), prepared.Source, Checkpoint(parameters), options.Official);
    }

    /// <summary>The checkpoint that only names parameters.</summary>
    public static OfficialCheckpoint Nominal(OfficialCheckpoint checkpoint) => checkpoint with
    {
        IsNominal = true,
        TrainableParameters = [.. checkpoint.TrainableParameters.Select(NameOnly)],
        FrozenParameters = [.. checkpoint.FrozenParameters.Select(NameOnly)],
    };

    private static OfficialTensor NameOnly(OfficialTensor tensor) => new(tensor.Name, tensor.ElementType, [], ReadOnlyMemory<byte>.Empty);

    private static OfficialCheckpoint Checkpoint(IReadOnlyList<OfficialParameter> parameters) => new()
    {
        TrainableParameters = [.. parameters.Where(static parameter => parameter.Trainable).Select(ToTensor)],
        FrozenParameters = [.. parameters.Where(static parameter => !parameter.Trainable).Select(ToTensor)],
    };

    private static OfficialTensor ToTensor(OfficialParameter parameter) =>
        OfficialTensor.FromSingles(parameter.Name, parameter.Shape, parameter.Values);

    /// <summary>The parameters in the manifest's order and the running statistics behind them, without those that no graph uses.</summary>
    private static List<OfficialParameter> Parameters(ArtifactManifest manifest, ModelProto training, ModelProto eval, PreparedModel prepared)
    {
        var used = new[] { training, eval }
            .SelectMany(static model => model.Graph.Input.Select(static input => input.Name).Concat(model.Graph.Initializer.Select(static tensor => tensor.Name)))
            .ToHashSet();
        var tensors = prepared.Proto.Graph.Initializer.ToDictionary(static tensor => tensor.Name);
        return
        [
            .. manifest.Parameters.Where(parameter => used.Contains(parameter.Name))
                .Select(parameter => new OfficialParameter(parameter.Name, parameter.Shape, parameter.Trainable, null, TensorData.ToFloats(tensors[parameter.Name]))),
            .. manifest.States.Select(state => new OfficialParameter(state.Name, state.Shape, false, state.UpdatedName, TensorData.ToFloats(tensors[state.Name]))),
        ];
    }
}
