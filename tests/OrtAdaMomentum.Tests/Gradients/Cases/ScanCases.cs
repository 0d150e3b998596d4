using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;
using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Scans that stay in the model. Their graphs hold no floating-point constants, so that they run in every precision.</summary>
internal static class ScanCases
{
    public static readonly GradientCase[] All =
    [
        Case("one state", Product, 1, [Any(2), Any(3, 2)], outputs: 2),
        Case("only the last state used", Product, 1, [Any(2), Any(3, 2)], outputs: 2) with { UnusedOutputs = [1] },
        Case("only what is collected used", Product, 1, [Any(2), Any(3, 2)], outputs: 2) with { UnusedOutputs = [0] },
        Case("fixed initial state", Product, 1, [Any(2).AsFed, Any(3, 2)], outputs: 2),
        Case("fixed sequence", Product, 1, [Any(2), Any(3, 2).AsFed], outputs: 2),
        Case("one step", Product, 1, [Any(2), Any(1, 2)], outputs: 2),
        Case("sequence from its end", Product, 1, [Any(2), Any(3, 2)], outputs: 2, ("scan_input_directions", new long[] { 1 })),
        Case("collected from the end", Product, 1, [Any(2), Any(3, 2)], outputs: 2, ("scan_output_directions", new long[] { 1 })),
        Case("along other axes", Product, 1, [Any(2), Any(2, 4)], outputs: 2,
            ("scan_input_axes", new long[] { 1 }), ("scan_output_axes", new long[] { 1 })),
        Case("along negative axes", Product, 1, [Any(2), Any(2, 4)], outputs: 2,
            ("scan_input_axes", new long[] { -1 }), ("scan_output_axes", new long[] { -1 }), ("scan_input_directions", new long[] { 1 })),
        Case("several states and sequences", Crossed, 2, [Any(2), Any(2), Any(3, 2), Any(2, 3)], outputs: 4,
            ("scan_input_axes", new long[] { 0, 1 }), ("scan_input_directions", new long[] { 0, 1 }),
            ("scan_output_axes", new long[] { 1, 0 }), ("scan_output_directions", new long[] { 1, 0 })),
        Case("some states and sequences used", Crossed, 2, [Any(2).AsFed, Any(2), Any(3, 2).AsFed, Any(3, 2)], outputs: 4) with
        {
            UnusedOutputs = [0, 2],
        },
        Case("no state", Body(["x"], ["y"], Node("Tanh", ["x"], "y")), 1, [Any(3, 2)], outputs: 1),
        // ONNX Runtime loses what is an output under the name of an input, so models copy it.
        Case("state and element copied", Body(
            ["s", "x"], ["next", "copy", "y"],
            Node("Identity", ["s"], "next"), Node("Identity", ["x"], "copy"), Node("Mul", ["s", "x"], "y")), 1, [Any(2), Any(3, 2)], outputs: 3),
        // The initial state and the whole sequence are read from around the graph as well.
        Case("values from around", Body(
            ["s", "x"], ["next", "y"],
            Node("Mul", ["s", "x0"], "m"), Node("Add", ["m", "x"], "a"), Node("Tanh", ["a"], "next"),
            Node("MatMul", ["x1", "next"], "y")), 1, [Any(2), Any(3, 2)], outputs: 2),
        Case("a counter", Counting(), 1, [IntegersOf([], 0), Any(3), Any(3, 2)], outputs: 3),
        Case("a Scan inside", Nested(), 1, [Any(2), Any(3, 4, 2)], outputs: 2),
    ];

    /// <summary>A state that is multiplied and squashed, and a function of it.</summary>
    private static GraphProto Product => Body(
        ["s", "x"], ["next", "y"],
        Node("Mul", ["s", "x"], "m"), Node("Tanh", ["m"], "t"), Node("Add", ["t", "x"], "next"), Node("Sin", ["m"], "y"));

    private static GraphProto Crossed => Body(
        ["s", "t", "x", "z"], ["s_next", "t_next", "y", "w"],
        Node("Mul", ["t", "x"], "tx"), Node("Add", ["s", "tx"], "s_next"),
        Node("Mul", ["s", "z"], "sz"), Node("Tanh", ["sz"], "t_next"),
        Node("Mul", ["s_next", "z"], "y"), Node("Sub", ["t_next", "x"], "w"));

    private static GraphProto Counting()
    {
        // The counter picks an element of the second state's initial value.
        var body = Body(
            ["n", "s", "x"], ["n_next", "s_next", "y"],
            Node("Add", ["n", "one"], "n_next"), Node("Gather", ["x1", "n"], "weight"), Node("Mul", ["x", "weight"], "y"),
            Node("Mul", ["s", "weight"], "s_next"));
        body.Initializer.Add(TensorData.Scalar("one", 1L));
        return body;
    }

    private static GraphProto Nested()
    {
        var inner = Body(
            ["r", "e"], ["r_next", "v"],
            Node("Mul", ["r", "x0"], "rx"), Node("Add", ["rx", "e"], "re"), Node("Tanh", ["re"], "r_next"), Node("Mul", ["r_next", "s"], "v"));
        return Body(
            ["s", "x"], ["next", "y"],
            ModelBuilder.MakeNode(string.Empty, "Scan", ["s", "x"], ["next", "y"], ("body", inner), ("num_scan_inputs", 1L)));
    }

    private static GradientCase Case(
        string description, GraphProto body, int sequences, CaseInput[] inputs, int outputs, params (string, object)[] attributes) =>
        new GradientCase("Scan", description, inputs) { Outputs = outputs }.With(
            [("body", body), ("num_scan_inputs", (long)sequences), .. attributes]);

    private static NodeProto Node(string operatorType, string[] inputs, string output) =>
        ModelBuilder.MakeNode(string.Empty, operatorType, inputs, [output]);

    private static GraphProto Body(string[] inputs, string[] outputs, params NodeProto[] nodes)
    {
        var graph = new GraphProto { Name = "body" };
        graph.Input.AddRange(inputs.Select(static name => new ValueInfoProto { Name = name }));
        graph.Output.AddRange(outputs.Select(static name => new ValueInfoProto { Name = name }));
        graph.Node.AddRange(nodes);
        return graph;
    }
}
