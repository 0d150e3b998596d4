using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;
using static OrtAdaMomentum.Tests.Onnx.ControlFlow.Flow;

namespace OrtAdaMomentum.Tests.Onnx.ControlFlow;

public class ScanTests
{
    [Fact]
    public void A_scan_is_left_to_its_own_gradient()
    {
        GraphProto body = Graph(["s", "e"], ["t", "c"], Node("Add", ["s", "e"], ["t"]), Node("Sin", ["t"], ["c"]));
        ModelBuilder model = Model().Add(ModelBuilder.MakeNode("", "Scan", ["w", "x"], ["last", "y"], ("body", body), ("num_scan_inputs", 1L))).Output("y", "last");

        Assert.Equal(["Scan"], Operators(Same(model)));
    }

    [Fact]
    public void A_choice_by_fixed_shapes_in_a_scan_is_made_in_it()
    {
        GraphProto body = Graph(["s", "e"], ["t", "c"],
            Node("Shape", ["e"], ["shape"]), Node("ReduceProd", ["shape"], ["size"], ("keepdims", 0L)), Node("Equal", ["size", "three"], ["isThree"]),
            If("isThree", ["t"], Graph([], ["r"], Node("Add", ["s", "e"], ["r"])), Graph([], ["r"], Node("Mul", ["s", "e"], ["r"]))),
            Node("Sin", ["t"], ["c"]));
        ModelBuilder model = Model().Initializer("three", [3L])
            .Add(ModelBuilder.MakeNode("", "Scan", ["w", "x"], ["last", "y"], ("body", body), ("num_scan_inputs", 1L))).Output("y", "last");

        ModelProto normal = Same(model);

        Assert.Equal(["Add", "Sin"], Assert.Single(normal.Graph.Node).Attribute[0].G.Node.Select(node => node.OpType));
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(1, 0, 0, 0)]
    [InlineData(1, 1, 1, 0)]
    [InlineData(-1, 1, -1, 1)]
    public void A_scan_whose_choices_are_fixed_only_one_by_one_is_written_out(long axis, long backwards, long outputAxis, long outputBackwards)
    {
        // The carried number counts the elements; the second one goes another way.
        GraphProto body = Graph(["k", "e"], ["m", "c"],
            Node("Add", ["k", "one"], ["m"]), Node("Equal", ["k", "one"], ["isSecond"]),
            If("isSecond", ["c"], Graph([], ["r"], Node("Exp", ["e"], ["r"])), Graph([], ["r"], Node("Sin", ["e"], ["r"]))));
        NodeProto scan = ModelBuilder.MakeNode("", "Scan", ["zero", "x"], ["count", "y"],
            ("body", body), ("num_scan_inputs", 1L), ("scan_input_axes", new[] { axis }), ("scan_input_directions", new[] { backwards }),
            ("scan_output_axes", new[] { outputAxis }), ("scan_output_directions", new[] { outputBackwards }));
        ModelBuilder model = Model().Initializer("zero", [0L]).Initializer("one", [1L]).Add(scan).Output("y", "count");

        Assert.Single(Operators(Static(model)), type => type == "Exp");
    }
}
