using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>Gives a training graph of the stock layout the tail that the official runtime asks for.</summary>
/// <remarks>
/// Inputs: those of the user, the target, the parameters, a gradient buffer for each trainable one, <c>lazy_reset_grad</c>. Outputs: the loss,
/// the user's outputs, with raw gradients <c>grad::NAME</c>, then what the runtime hides: the flags that say that a buffer is written.
/// </remarks>
internal sealed class OfficialTrainingModel
{
    private static readonly TensorType Flag = TensorType.Of(ElementType.Bool, 1);

    private readonly GraphProto _graph;
    private readonly HashSet<string> _names;
    private int _accumulators;

    private OfficialTrainingModel(GraphProto graph)
    {
        _graph = graph;
        _names = SubGraphs.Defined(graph);
    }

    public static void Apply(ModelProto model, IReadOnlyList<OfficialParameter> parameters, OfficialLayoutOptions options)
    {
        var graph = model.Graph;
        OfficialInputs.Apply(graph, parameters);
        FullLayerScales.WriteOut(graph);
        var hidden = parameters.SelectMany(Hidden).ToHashSet();
        ValueInfoProto[] shown = [.. graph.Output.Where(output => !hidden.Contains(output.Name))];
        graph.Output.Clear();
        graph.Output.AddRange(shown);
        var tail = new OfficialTrainingModel(graph);
        if (options.RawGradients)
            tail.AddRawGradients(parameters);
        tail.AddAccumulation(parameters);
        tail.AddUpdates(parameters);
        LeafOrder.Apply(graph);
        // What else is there is for this library's own kernels, which the official runtime does not have.
        model.MetadataProps.Clear();
        OfficialOpsets.Declare(model);
    }

    private static IEnumerable<string> Hidden(OfficialParameter parameter) =>
        parameter.Trainable ? [ArtifactManifest.GradientName(parameter.Name)] : parameter.Updated is { } updated ? [updated] : [];

    private void AddRawGradients(IReadOnlyList<OfficialParameter> parameters)
    {
        foreach (var parameter in parameters.Where(static parameter => parameter.Trainable))
        {
            string name = Take(OfficialGraphNames.RawGradient(parameter.Name));
            _graph.Node.Add(new NodeProto { OpType = "Identity", Name = name, Input = { ArtifactManifest.GradientName(parameter.Name) }, Output = { name } });
            _graph.Output.Add(TensorTypes.ToProto(name, TensorType.Of(ElementType.Float, [.. parameter.Shape])));
        }
    }

    private void AddAccumulation(IReadOnlyList<OfficialParameter> parameters)
    {
        OfficialParameter[] trainable = [.. parameters.Where(static parameter => parameter.Trainable)];
        foreach (var parameter in trainable)
        {
            string buffer = Take(OfficialGraphNames.Buffer(parameter.Name));
            _graph.Input.Add(TensorTypes.ToProto(buffer, TensorType.Of(ElementType.Float, [.. parameter.Shape])));
        }

        _graph.Input.Add(TensorTypes.ToProto(Take(OfficialGraphNames.LazyResetGrad), Flag));
        foreach (var parameter in trainable)
            Accumulate(OfficialGraphNames.Buffer(parameter.Name), ArtifactManifest.GradientName(parameter.Name), OfficialGraphNames.LazyResetGrad, parameter.Name);
    }

    /// <summary>
    /// The runtime has no way to change a parameter that has no gradient. The node that fills gradient buffers writes into its first input,
    /// whatever that is, so it sets running statistics too.
    /// </summary>
    private void AddUpdates(IReadOnlyList<OfficialParameter> parameters)
    {
        OfficialParameter[] updated = [.. parameters.Where(static parameter => parameter.Updated is not null)];
        if (updated.Length == 0)
            return;
        string always = Take("grad/always");
        _graph.Initializer.Add(TensorData.Create(always, (ReadOnlySpan<bool>)[true], 1));
        foreach (var parameter in updated)
            Accumulate(parameter.Name, parameter.Updated!, always, parameter.Name);
    }

    private void Accumulate(string into, string value, string overwrite, string parameter)
    {
        string done = Take(OfficialGraphNames.Accumulated(parameter));
        _graph.Node.Add(new NodeProto
        {
            OpType = "InPlaceAccumulatorV2",
            Domain = OnnxDomains.Microsoft,
            Name = $"GradientAccumulator{_accumulators++}",
            Input = { into, value, overwrite },
            Output = { done },
        });
        _graph.Output.Add(TensorTypes.ToProto(done, Flag));
    }

    private string Take(string name) =>
        _names.Add(name) ? name : throw new FineTuningException($"The model has a value named '{name}', which the official layout needs. Rename it in the model.");
}
