using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Onnx.ControlFlow;

/// <summary>Parts of models with control flow, and what is to be true of the specialised model.</summary>
internal static class Flow
{
    /// <summary>A graph for a branch or a body. Inputs are declared by name alone.</summary>
    public static GraphProto Graph(string[] inputs, string[] outputs, params NodeProto[] nodes)
    {
        var graph = new GraphProto { Name = "inner", Node = { nodes } };
        graph.Input.AddRange(inputs.Select(name => new ValueInfoProto { Name = name }));
        graph.Output.AddRange(outputs.Select(name => new ValueInfoProto { Name = name }));
        return graph;
    }

    public static GraphProto With(this GraphProto graph, params TensorProto[] initializers)
    {
        graph.Initializer.AddRange(initializers);
        return graph;
    }

    public static NodeProto Node(string opType, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes) =>
        ModelBuilder.MakeNode("", opType, inputs, outputs, attributes);

    public static NodeProto Constant(string name, object value) =>
        ModelBuilder.MakeNode("", "Constant", [], [name], ("value", value as TensorProto ?? TensorData.Scalar("", (bool)value)));

    public static NodeProto If(string condition, string[] outputs, GraphProto then, GraphProto otherwise) =>
        ModelBuilder.MakeNode("", "If", [condition], outputs, ("then_branch", then), ("else_branch", otherwise));

    public static NodeProto Loop(string[] inputs, string[] outputs, GraphProto body) => ModelBuilder.MakeNode("", "Loop", inputs, outputs, ("body", body));

    /// <summary>A model over a float input <c>x</c> of shape [2, 3] with a weight <c>w</c> of shape [3].</summary>
    public static ModelBuilder Model(long opset = 21) =>
        new ModelBuilder(opset).Input("x", ElementType.Float, 2, 3).Initializer("w", [0.5f, -1.5f, 2f], 3);

    public static ModelBuilder Add(this ModelBuilder builder, params NodeProto[] nodes)
    {
        builder.Build().Graph.Node.AddRange(nodes);
        return builder;
    }

    /// <summary>The model without control flow, after a check that it computes the same.</summary>
    public static ModelProto Static(ModelBuilder builder, params (string Name, string Value)[] fix)
    {
        ModelProto normal = Same(builder, fix);
        Assert.DoesNotContain(AllOperators(normal), type => type is "If" or "Loop" or "Scan" || type.Contains("Sequence", StringComparison.Ordinal));
        return normal;
    }

    /// <summary>The normalised model, after a check that it computes the same.</summary>
    public static ModelProto Same(ModelBuilder builder, params (string Name, string Value)[] fix)
    {
        ModelProto model = builder.Build();
        ModelProto normal = Normalize(model, fix);
        (string, Array, long[])[] feeds = [("x", OrtRun.Random(6), [2, 3])];
        IEnumerable<(string, Array, long[])> settings = fix.Select(pair =>
            (pair.Name, bool.TryParse(pair.Value, out bool flag) ? new[] { flag } : (Array)new[] { long.Parse(pair.Value) }, Array.Empty<long>()));
        Dictionary<string, OrtTensor> expected = OrtRun.Run(model, [.. feeds, .. settings]), actual = OrtRun.Run(normal, feeds);
        foreach (string name in expected.Keys)
            OrtRun.AssertClose(expected[name], actual[name]);
        return normal;
    }

    public static ModelProto Normalize(ModelProto model, params (string Name, string Value)[] fix) =>
        ModelNormalizer.Normalize(model, new NormalizeOptions { FreeBatch = false, Fix = fix.ToDictionary(pair => pair.Name, pair => pair.Value) });

    public static string[] Operators(ModelProto model) => [.. model.Graph.Node.Select(node => node.OpType)];

    private static IEnumerable<string> AllOperators(ModelProto model) => Types(model.Graph);

    private static IEnumerable<string> Types(GraphProto graph) =>
        graph.Node.SelectMany(node => SubGraphs.Of(node).SelectMany(Types).Prepend(node.OpType));
}
