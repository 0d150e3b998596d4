using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Gradients.Coverage;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Artifacts;

/// <summary>Fills a <see cref="ModelReport"/> by trying what generation does.</summary>
internal static class ModelInspection
{
    public static ModelReport Inspect(PreparedModel prepared, ArtifactOptions options)
    {
        var graph = prepared.Proto.Graph;
        IReadOnlySet<string> reached = new HashSet<string>();
        IReadOnlyList<UnsupportedNode> unsupported = [];
        string? problem = prepared.Parameters.Count == 0 ? "The model has no single-precision weights, so there is nothing to train." : null;
        var activation = FinalActivation.None;
        IReadOnlyList<string> notes = [];
        if (problem is null)
        {
            reached = options.Trainable.Select(prepared.Parameters);
            try
            {
                var builder = new TrainingGraph(prepared, options, reached);
                var loss = builder.BuildTraining().Loss;
                (activation, notes) = (loss.Activation, loss.Notes);
                reached = builder.Reached;
            }
            catch (UnsupportedOperatorException missing)
            {
                unsupported = missing.Nodes;
            }
            catch (FineTuningException other)
            {
                problem = other.Message;
            }
        }

        return new ModelReport
        {
            Source = prepared.Source.Source,
            Opset = prepared.Source.Opset,
            Inputs = [.. graph.Input.Select(input => Describe(input.Name, prepared.Types))],
            Outputs = [.. graph.Output.Select(output => Describe(output.Name, prepared.Types))],
            Parameters = [.. prepared.Parameters.Select(parameter => new ParameterInfo(parameter.Name, parameter.Shape, reached.Contains(parameter.Name)))],
            Operators =
            [
                .. graph.Node.CountBy(static node => (node.Domain, node.OpType))
                    .OrderByDescending(static pair => pair.Value).ThenBy(static pair => pair.Key.OpType, StringComparer.Ordinal)
                    .Select(pair => new OperatorReport(
                        pair.Key.Domain.Length == 0 ? pair.Key.OpType : $"{pair.Key.Domain}.{pair.Key.OpType}", pair.Value,
                        Support(options.Gradients, pair.Key.OpType, pair.Key.Domain))),
            ],
            Unsupported = unsupported,
            Problem = problem,
            FinalActivation = activation,
            Notes = [.. prepared.Notes, .. notes],
            ActivationBytesPerSample = graph.Node.SelectMany(static node => node.Output).Sum(name => BytesPerSample(prepared.Types.GetValueOrDefault(name))),
        };
    }

    private static GradientSupport Support(GradientRegistry registry, string operatorType, string domain)
    {
        if (registry.IsDifferentiable(operatorType, domain))
            return GradientSupport.Rule;
        if (registry.IsNonDifferentiable(operatorType, domain))
            return GradientSupport.NonDifferentiable;
        return registry.Without(operatorType, domain)?.Support == OperatorSupport.Integers ? GradientSupport.Integers : GradientSupport.Missing;
    }

    private static TensorInfo Describe(string name, IReadOnlyDictionary<string, TensorType> types) =>
        types.TryGetValue(name, out var type) ? new TensorInfo(name, type.ElementType, type.Shape ?? []) : new TensorInfo(name, ElementType.Undefined, []);

    private static long BytesPerSample(TensorType? type)
    {
        if (type?.Shape is not { } shape)
            return 0;
        long elements = 1;
        foreach (var dimension in shape.Skip(shape.Count > 0 && !shape[0].IsStatic ? 1 : 0))
        {
            if (!dimension.IsStatic)
                return 0;
            elements *= dimension.Extent;
        }

        return elements * type.ElementType.SizeInBytes();
    }
}
