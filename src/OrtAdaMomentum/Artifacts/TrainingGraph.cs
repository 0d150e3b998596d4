using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Gradients.Recomputation;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts;

/// <summary>
/// Writes the stock layout. Training model: inputs, target, trainable parameters and running statistics go in; the loss, the gradients
/// and the next running statistics come out. Eval model: the same inputs; the loss and the model's own outputs come out. Parameters that
/// do not train stay initializers, so that the runtime folds and packs them.
/// </summary>
internal sealed class TrainingGraph
{
    private readonly PreparedModel _prepared;
    private readonly ArtifactOptions _options;
    private readonly IReadOnlyList<CandidateParameter> _trainable;
    private readonly IReadOnlyList<string> _userInputs;

    public TrainingGraph(PreparedModel prepared, ArtifactOptions options, IReadOnlySet<string> trainable)
    {
        _prepared = prepared;
        _options = options;
        _trainable = [.. prepared.Parameters.Where(parameter => trainable.Contains(parameter.Name))];
        LossName = FreeName(prepared.Proto.Graph, options.TargetName);
        _userInputs = [.. prepared.Proto.Graph.Input.Select(static input => input.Name)];
    }

    /// <summary>Name of the loss among the outputs: <c>loss</c>, with underscores behind it where the model has a value of that name.</summary>
    public string LossName { get; }

    /// <summary>Names of running statistics, filled by <see cref="BuildTraining"/>.</summary>
    public IReadOnlyList<StateInfo> States { get; private set; } = [];

    /// <summary>Parameters whose gradient the loss has, filled by <see cref="BuildTraining"/>.</summary>
    public IReadOnlySet<string> Reached { get; private set; } = new HashSet<string>();

    public (ModelProto Model, AttachedLoss Loss) BuildTraining()
    {
        var model = _prepared.Proto.Clone();
        var graph = new GraphBuilder(model.Graph, _prepared.Types);
        bool usesOfficialKernels = _options is { Layout: ArtifactLayout.Official, Official.Kernels: OfficialKernelUse.On };
        var attached = LossAttachment.Attach(graph, _options, writesLossOperator: usesOfficialKernels);
        // A gradient operator may have another forward operator in its place.
        NodeProto[] normalizations = [.. BatchNormalizationNodes.In(model.Graph)];
        var differentiator = new Differentiator(graph, _options.Gradients, _prepared.Source.Opset);
        var gradients = differentiator.Differentiate(
            [(attached.Start.Value.Name, attached.Start.Gradient)], [.. _trainable.Select(static parameter => parameter.Name)]);
        Reached = gradients.Keys.ToHashSet();

        model.Graph.Output.Clear();
        graph.AddOutput(attached.Loss, LossName);
        foreach (var parameter in _trainable.Where(parameter => Reached.Contains(parameter.Name)))
            graph.AddOutput(gradients[parameter.Name], ArtifactManifest.GradientName(parameter.Name), TensorType.Of(ElementType.Float, [.. parameter.Shape]));
        if (_options.Layout == ArtifactLayout.Official)
            AddTrainingOutputs(graph);
        States = AddStates(graph, normalizations);
        if (_options.Recompute)
        {
            var copies = Recomputer.Apply(graph, differentiator.Forward, differentiator.GradientOf);
            // The reader of the graph cannot tell the rank of what waits for a gradient.
            foreach (var copy in usesOfficialKernels ? copies : [])
                graph.Declare(copy);
        }

        var renamed = Finish(model, attached.Target);
        graph.WriteDeclarations(renamed);
        LeafOrder.Apply(model.Graph);
        KernelOffers.Write(model, graph.Offers, renamed);
        return (model, attached);
    }

    public (ModelProto Model, IReadOnlyList<TensorInfo> Outputs) BuildEval()
    {
        var model = _prepared.Proto.Clone();
        BatchNormalizationNodes.SetMode(model.Graph, training: false);
        var graph = new GraphBuilder(model.Graph, _prepared.Types);
        var attached = LossAttachment.Attach(graph, _options);
        var outputs = model.Graph.Output.Select(static output => output.Name)
            .OrderBy(name => name == attached.Output ? 0 : 1)
            .Where(graph.IsTyped)
            .Select(name => new TensorInfo(name, graph.Value(name).ElementType, [.. graph.Value(name).Type.Shape ?? []]))
            .ToList();
        model.Graph.Output.Clear();
        graph.AddOutput(attached.Loss, LossName);
        foreach (var output in outputs)
            graph.AddOutput(graph.Value(output.Name), output.Name);
        Finish(model, attached.Target);
        return (model, outputs);
    }

    private static string FreeName(GraphProto graph, string target)
    {
        var taken = graph.Node.SelectMany(static node => node.Output)
            .Concat(graph.Input.Select(static input => input.Name))
            .Concat(graph.Initializer.Select(static tensor => tensor.Name))
            .Append(target).ToHashSet();
        string name = "loss";
        while (taken.Contains(name))
            name += "_";
        return name;
    }

    private void AddTrainingOutputs(GraphBuilder graph)
    {
        var outputs = _prepared.Proto.Graph.Output.Select(static output => output.Name).Where(graph.IsTyped).ToList();
        foreach (string name in _options.Official.TrainingOutputs)
        {
            if (!outputs.Contains(name))
                throw new FineTuningException($"The model has no output '{name}' that the training model could give. Outputs: {string.Join(", ", outputs)}.");
            graph.AddOutput(graph.Value(name), name);
        }
    }

    private List<StateInfo> AddStates(GraphBuilder graph, NodeProto[] normalizations)
    {
        var states = new List<StateInfo>();
        if (_options.BatchNormalization != BatchNormalizationMode.Training)
            return states;
        foreach (var node in normalizations)
        {
            for (int index = 1; index <= 2; index++)
            {
                string name = node.Input[index + 2];
                if (graph.InitializerOf(name) is not { } tensor || states.Any(state => state.Name == name))
                    continue;
                var updated = graph.Value(node.Output[index]);
                graph.AddOutput(updated, updated.Name, TensorType.Of(ElementType.Float, [.. tensor.Dims]));
                states.Add(new StateInfo(name, updated.Name, [.. tensor.Dims]));
            }
        }

        return states;
    }

    /// <summary>Drops what the outputs do not need and turns what is bound at run time from initializers into inputs.</summary>
    private IReadOnlyDictionary<string, string> Finish(ModelProto model, TensorInfo target)
    {
        UnusedNodes.Remove(model.Graph);
        var renamed = PassThroughs.Remove(model.Graph);
        model.Graph.ValueInfo.Clear();
        var bound = _trainable.Select(static parameter => parameter.Name).Where(Reached.Contains)
            .Concat(States.Select(static state => state.Name)).ToHashSet();
        var inputs = model.Graph.Input.ToDictionary(static input => input.Name);
        model.Graph.Input.Clear();
        foreach (string name in _userInputs.Append(target.Name))
            model.Graph.Input.Add(inputs[name]);
        var kept = new List<TensorProto>();
        foreach (var tensor in model.Graph.Initializer)
        {
            if (bound.Contains(tensor.Name))
                model.Graph.Input.Add(TensorTypes.ToProto(tensor.Name, TensorTypes.Of(tensor)));
            else
                kept.Add(tensor);
        }

        model.Graph.Initializer.Clear();
        model.Graph.Initializer.AddRange(kept);
        model.ProducerName = "OrtAdaMomentum";
        model.ProducerVersion = string.Empty;
        return renamed;
    }
}
