using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Gradients;

namespace OrtAdaMomentum.Tests.Conformance;

/// <summary>The gradients that the library writes for a model, run in ONNX Runtime as applications run them: optimised.</summary>
/// <param name="Variables">The inputs and parameters that a gradient may reach: all but those that only steer operators.</param>
/// <param name="ByVariable">The gradients; a variable that none reaches has none.</param>
internal sealed record WrittenGradient(IReadOnlyList<string> Variables, IReadOnlyDictionary<string, double[]> ByVariable)
{
    /// <summary>The gradient of the loss Σ w·y.</summary>
    /// <param name="source">The model with its inputs.</param>
    /// <param name="proto">The model in the precision to differentiate it in.</param>
    /// <param name="weights">The factors of the outputs, in double precision.</param>
    public static WrittenGradient Compute(ConformanceModel source, ModelProto proto, IReadOnlyDictionary<string, TensorProto> weights)
    {
        var options = new NormalizeOptions { FreeBatch = false, Fix = ConformanceTable.FixedInputs(source) };
        var model = ModelNormalizer.Normalize(proto, options, out var report);
        string[] variables = [.. source.Variables.Keys.Where(variable => !OnlySteers(model.Graph, variable))];
        string[] outputs = [.. model.Graph.Output.Select(static output => output.Name).Where(weights.ContainsKey)];
        model.Graph.Output.Clear();
        var builder = new GraphBuilder(model.Graph, report.Types);
        var feeds = new Dictionary<string, TensorProto>(source.Feeds);
        foreach (var input in model.Graph.Input)
            feeds[input.Name] = Retyping.To((ElementType)input.Type.TensorType.ElemType, feeds[input.Name]);

        SymbolicTensor? loss = null;
        foreach (string output in outputs)
        {
            var value = builder.Value(output);
            string name = "weight of " + output;
            feeds.Add(name, Retyping.To(value.ElementType, weights[output]));
            var weight = builder.AddInput(name, TensorType.Of(value.ElementType, [.. weights[output].Dims]));
            var term = (value * weight).SumAll();
            loss = loss is null ? term : loss + term;
        }

        var gradients = new Differentiator(builder, GradientRegistry.Default, source.Model.Opset).Differentiate(loss!, variables);
        if (gradients.Count == 0)
            return new WrittenGradient(variables, new Dictionary<string, double[]>());
        foreach (var (target, gradient) in gradients)
            builder.AddOutput(gradient, "gradient of " + target, new TensorType(gradient.ElementType, null));
        UnusedNodes.Remove(model.Graph);
        TypeClaims.Verify(model, builder);
        using var session = new TensorSession(model, feeds, optimize: true);
        var results = session.Run();
        foreach (string target in gradients.Keys)
            Assert.Equal(source.Variables[target].Dims, results["gradient of " + target].Shape);
        return new WrittenGradient(
            variables, gradients.Keys.ToDictionary(static target => target, target => results["gradient of " + target].Numbers));
    }

    private static bool OnlySteers(GraphProto graph, string variable)
    {
        var uses = graph.Node.SelectMany(node => node.Input.Select((input, index) => (Node: node, Input: input, Index: index)))
            .Where(use => use.Input == variable).ToList();
        return uses.Count > 0
            && uses.All(static use => GradientRegistry.Default.SteeringInputs(use.Node.OpType, use.Node.Domain).Contains(use.Index));
    }
}
