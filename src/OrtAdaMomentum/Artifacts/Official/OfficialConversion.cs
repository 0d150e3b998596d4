using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>Makes artifacts of the stock layout of official ones.</summary>
internal sealed class OfficialConversion
{
    private readonly OfficialCheckpoint _checkpoint;
    private readonly OnnxModel _training;
    private readonly OnnxModel? _eval;
    private readonly OfficialSignature _signature;
    private readonly OfficialLoss _loss;
    private readonly string _source;
    private OfficialWrites _writes = new(new Dictionary<string, string>(), []);
    private string? _prediction;

    private OfficialConversion(OnnxModel training, OnnxModel? eval, OfficialCheckpoint checkpoint, string source)
    {
        if (checkpoint.IsNominal)
            throw new FineTuningException($"{source}: the checkpoint is nominal: it names parameters without values. Use the checkpoint that was made with it.");
        (_training, _eval, _checkpoint, _source) = (training, eval, checkpoint, source);
        _signature = new OfficialSignature(training.Proto.Graph, checkpoint, source);
        RequireParameters();
        _loss = OfficialLoss.Of(training.Proto.Graph, _signature, source);
    }

    public static TrainingArtifacts Convert(OnnxModel training, OnnxModel? eval, OfficialCheckpoint checkpoint, string source) =>
        new OfficialConversion(training, eval, checkpoint, source).Convert();

    private TrainingArtifacts Convert()
    {
        var (training, graph) = BuildTraining();
        var (eval, outputs) = BuildEval();
        TensorInfo Describe(ValueInfoProto input) => graph.Value(input.Name).Type is { Shape: { } shape } type
            ? new TensorInfo(input.Name, type.ElementType, [.. shape])
            : throw new FineTuningException($"{_source}: the input '{input.Name}' is not a tensor of known rank, so it cannot be fed.");
        var scores = _loss.TargetKind == TargetKind.ClassIndex && outputs.Count > 0 && outputs[0].Name == _prediction ? outputs[0].Shape : null;
        int? classAxis = scores is not { Count: > 1 } ? null : _loss.ClassesAreLast ? -1 : 1 - scores.Count;
        var manifest = new ArtifactManifest
        {
            LossName = _loss.Name,
            TargetKind = _loss.TargetKind,
            ClassCount = classAxis is { } axis && scores![scores.Count + axis] is { IsStatic: true } classes ? classes.Extent : null,
            ClassAxis = classAxis,
            IgnoreIndex = _loss.IgnoreIndex,
            Inputs = [.. _signature.User.Where(input => input.Name != _loss.Target).Select(Describe)],
            Target = Describe(_signature.User.Single(input => input.Name == _loss.Target)),
            Outputs = outputs,
            Parameters =
            [
                .. _signature.Parameters.Where(parameter => parameter.Tensor.ElementType == ElementType.Float && !_writes.States.Any(state => state.Name == parameter.Tensor.Name))
                    .Select(static parameter => new ParameterInfo(parameter.Tensor.Name, parameter.Tensor.Shape, parameter.Trains)),
            ],
            States = _writes.States,
            LossOutput = LossName,
            ForwardNodes = _eval?.NodeCount ?? eval.Graph.Node.Count,
            TrainingNodes = training.Graph.Node.Count,
            Notes = ["The artifacts are of the official training API; operators that only its runtime has were written in ordinary ones."],
        };
        var carried = _writes.States.Select(static state => state.Name).ToHashSet();
        var initial = _signature.Parameters.Where(parameter => parameter.Trains || carried.Contains(parameter.Tensor.Name))
            .ToDictionary(static parameter => parameter.Tensor.Name, static parameter => parameter.Tensor.ToSingles());
        // What the official runtime has trained of the same file is read here, and the other way round.
        string origin = ContentHash.Of(_training.ToBytes());
        return TrainingArtifacts.Create(
            manifest, training, eval, OptimizerModel.Build(new AdaMomentumOptions()), new OnnxModel(BuildBase(outputs), _source), initial, origin);
    }

    private string LossName => _signature.Outputs[0];

    private (ModelProto Model, GraphBuilder Graph) BuildTraining()
    {
        var model = _training.Proto.Clone();
        _writes = OfficialGraph.TakeWrites(model.Graph, _signature, _source);
        var (gradients, states) = (_writes.Gradients, _writes.States);
        string[] without = [.. Trainable.Where(name => !gradients.ContainsKey(name))];
        if (without.Length > 0)
            throw new FineTuningException($"{_source}: the model accumulates no gradient of {string.Join(", ", without.Select(static name => $"'{name}'"))}.");
        OfficialGraph.Bind(model.Graph, _signature, states);
        if (_loss.TargetKind == TargetKind.ClassIndex)
            OfficialGraph.WidenTarget(model.Graph, _loss.Target);
        OfficialGraph.Keep(model.Graph, [LossName, .. Trainable.Select(name => gradients[name]), .. states.Select(static state => state.UpdatedName)]);
        (model, var graph) = OfficialRewriting.Apply(model, _source);

        model.Graph.Output.Clear();
        AddLoss(graph, LossName);
        foreach (var (tensor, _) in _signature.Parameters.Where(static parameter => parameter.Trains))
        {
            graph.AddOutput(
                graph.Value(gradients[tensor.Name]), ArtifactManifest.GradientName(tensor.Name), TensorType.Of(ElementType.Float, [.. tensor.Shape]));
        }

        foreach (var state in states)
            graph.AddOutput(graph.Value(state.UpdatedName), state.UpdatedName, TensorType.Of(ElementType.Float, [.. state.Shape]));
        Finish(model, graph);
        return (model, graph);
    }

    private (ModelProto Model, IReadOnlyList<TensorInfo> Outputs) BuildEval()
    {
        var model = (_eval ?? _training).Proto.Clone();
        var signature = new OfficialSignature(model.Graph, _checkpoint, _source);
        OfficialGraph.TakeWrites(model.Graph, signature, _source);
        OfficialGraph.Bind(model.Graph, signature, _writes.States);
        if (_loss.TargetKind == TargetKind.ClassIndex)
            OfficialGraph.WidenTarget(model.Graph, _loss.Target);
        string[] names = EvalOutputs(model.Graph, signature);
        OfficialGraph.Keep(model.Graph, names.Prepend(signature.Outputs[0]));
        (model, var graph) = OfficialRewriting.Apply(model, _source);
        BatchNormalizationNodes.SetMode(model.Graph, training: false);
        DropoutNodes.Deactivate(model.Graph);

        var outputs = names.Where(graph.IsTyped)
            .Select(name => new TensorInfo(name, graph.Value(name).ElementType, [.. graph.Value(name).Type.Shape ?? []])).ToList();
        model.Graph.Output.Clear();
        AddLoss(graph, signature.Outputs[0]);
        foreach (var output in outputs)
            graph.AddOutput(graph.Value(output.Name), output.Name);
        Finish(model, graph);
        return (model, outputs);
    }

    /// <summary>The prediction, and what the user has asked for beside the loss.</summary>
    private string[] EvalOutputs(GraphProto graph, OfficialSignature signature)
    {
        var computed = graph.Node.SelectMany(static node => node.Output).ToHashSet();
        _prediction = _loss.Prediction is { } name && computed.Contains(name) ? Shown(graph, signature, name) : null;
        string[] prediction = _prediction is null ? [] : [_prediction];
        return [.. prediction.Concat(signature.Outputs.Skip(1)).Where(output => output != signature.Outputs[0]).Distinct()];
    }

    /// <summary>The probabilities that the model gives of the scores; the scores where it gives none.</summary>
    private static string Shown(GraphProto graph, OfficialSignature signature, string scores) =>
        graph.Node.FirstOrDefault(node => node.OpType is "Softmax" or "LogSoftmax" && node.Input[0] == scores && signature.Outputs.Skip(1).Contains(node.Output[0]))
            ?.Output[0] ?? scores;

    /// <summary>The loss under one name in both models, as the one number that it is.</summary>
    private void AddLoss(GraphBuilder graph, string name)
    {
        var loss = graph.Value(name);
        if (loss.ElementType != ElementType.Float || (loss.Type.ElementCount is { } count && count != 1))
            throw new FineTuningException($"{_source}: the first output, '{name}', is {loss.Type}; it must be the loss, one single-precision number.");
        if (loss.Type.Rank == 0)
        {
            graph.AddOutput(loss, LossName);
            return;
        }

        if (name == LossName)
            throw new FineTuningException($"{_source}: the loss '{name}' is {loss.Type}; it must be a scalar, without axes.");
        graph.AddOutput(graph.Node("Reshape", [loss, graph.Integers()], TensorType.Of(ElementType.Float)), LossName);
    }

    private static void Finish(ModelProto model, GraphBuilder graph)
    {
        UnusedNodes.Remove(model.Graph);
        var renamed = PassThroughs.Remove(model.Graph);
        model.Graph.ValueInfo.Clear();
        LeafOrder.Apply(model.Graph);
        KernelOffers.Write(model, graph.Offers, renamed);
        model.ProducerName = "OrtAdaMomentum";
        model.ProducerVersion = string.Empty;
    }

    /// <summary>The forward model with the checkpoint's values as weights: what serves.</summary>
    private ModelProto BuildBase(IReadOnlyList<TensorInfo> outputs)
    {
        var model = (_eval ?? _training).Proto.Clone();
        var signature = new OfficialSignature(model.Graph, _checkpoint, _source);
        OfficialGraph.Keep(model.Graph, outputs.Count > 0 ? outputs.Select(static output => output.Name) : [signature.Outputs[0]]);
        for (int index = 0; index < model.Graph.Output.Count; index++)
        {
            string name = model.Graph.Output[index].Name;
            if (outputs.FirstOrDefault(output => output.Name == name) is { } output)
                model.Graph.Output[index] = TensorTypes.ToProto(name, new TensorType(output.ElementType, output.Shape));
        }

        var read = SubGraphs.ReadNames(model.Graph);
        model.Graph.Input.Clear();
        model.Graph.Input.AddRange(signature.User.Where(input => read.Contains(input.Name)));
        model.Graph.Initializer.AddRange(
            signature.Parameters.Where(parameter => read.Contains(parameter.Tensor.Name)).Select(static parameter => OfficialGraph.ToInitializer(parameter.Tensor)));
        return model;
    }

    private IEnumerable<string> Trainable =>
        _signature.Parameters.Where(static parameter => parameter.Trains).Select(static parameter => parameter.Tensor.Name);

    private void RequireParameters()
    {
        var inGraph = Trainable.ToHashSet();
        string[] missing = [.. _checkpoint.TrainableParameters.Select(static tensor => tensor.Name).Where(name => !inGraph.Contains(name))];
        if (missing.Length > 0)
        {
            throw new FineTuningException(
                $"{_source}: the training model has no input for {string.Join(", ", missing.Select(static name => $"'{name}'"))}, which the checkpoint trains.");
        }

        if (inGraph.Count == 0)
            throw new FineTuningException($"{_source}: the checkpoint has no parameter that trains.");
        var other = _checkpoint.TrainableParameters.FirstOrDefault(static tensor => tensor.ElementType != ElementType.Float);
        if (other is not null)
            throw new FineTuningException($"{_source}: the parameter '{other.Name}' holds {other.ElementType}; only single precision trains.");
    }
}
