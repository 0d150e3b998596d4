using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;
using static OrtAdaMomentum.Tests.Onnx.ControlFlow.Flow;

namespace OrtAdaMomentum.Tests.Onnx.ControlFlow;

public class SequenceTests
{
    [Fact]
    public void A_list_filled_in_a_loop_and_stacked_becomes_tensors()
    {
        // What torch.jit.script makes of: out = []; for i in range(3): h = h * w; out.append(h); return torch.stack(out)
        GraphProto body = Graph(["i", "c", "list", "h"], ["go", "longer", "next"],
            Node("Identity", ["c"], ["go"]), Node("Mul", ["h", "w"], ["next"]), Node("SequenceInsert", ["list", "next"], ["longer"]));
        body.Input[0] = TensorTypes.ToProto("i", TensorType.Of(ElementType.Int64));
        body.Input[1] = TensorTypes.ToProto("c", TensorType.Of(ElementType.Bool));
        body.Input[2].Type = new TypeProto
        {
            SequenceType = new TypeProto.Types.Sequence { ElemType = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1 } } },
        };
        ModelBuilder model = Model().Initializer("n", [3L])
            .Add(
                Node("SequenceEmpty", [], ["empty"]),
                Loop(["n", "", "empty", "x"], ["full", "last"], body),
                Node("ConcatFromSequence", ["full"], ["y"], ("axis", 0L), ("new_axis", 1L)))
            .Output("y");

        Assert.Equal(["Mul", "Mul", "Mul", "Unsqueeze", "Unsqueeze", "Unsqueeze", "Concat"], Operators(Static(model)));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 0)]
    [InlineData(-1, 1)]
    public void A_list_is_joined(long axis, long stack)
    {
        ModelBuilder model = Model()
            .Add(
                Node("Sin", ["x"], ["a"]), Node("Exp", ["x"], ["b"]),
                Node("SequenceConstruct", ["a", "b", "x"], ["list"]),
                Node("ConcatFromSequence", ["list"], ["y"], ("axis", axis), ("new_axis", stack)))
            .Output("y");

        Assert.Equal(stack == 1 ? 6 : 3, Operators(Static(model)).Length);
    }

    [Fact]
    public void Elements_are_inserted_erased_counted_and_read()
    {
        ModelBuilder model = Model().Initializer("zero", [0L]).Initializer("last", [-1L])
            .Add(
                Node("Sin", ["x"], ["a"]), Node("Exp", ["x"], ["b"]),
                Node("SequenceConstruct", ["a", "b"], ["l0"]),
                Node("SequenceInsert", ["l0", "x", "last"], ["l1"]), Node("SequenceErase", ["l1", "zero"], ["l2"]),
                Node("SequenceErase", ["l1"], ["l3"]),
                Node("SequenceAt", ["l2", "last"], ["p"]), Node("SequenceAt", ["l2", "zero"], ["q"]), Node("SequenceAt", ["l3", "zero"], ["r"]),
                Node("SequenceLength", ["l3"], ["length"]),
                Node("Div", ["p", "q"], ["h"]), Node("Add", ["h", "r"], ["y"]))
            .Output("y", "length");

        Assert.Equal(["Sin", "Exp", "Identity", "Div", "Add"], Operators(Static(model)));
    }

    [Theory]
    [InlineData("[2]", 2)]
    [InlineData("2", 2)]
    [InlineData("1,2", 2)]
    [InlineData("keep", 3)]
    [InlineData("drop", 3)]
    public void A_tensor_split_into_a_list_is_split(string how, int parts)
    {
        string[] inputs = how is "keep" or "drop" ? ["x"] : ["x", "lengths"];
        TensorProto lengths = how switch
        {
            "2" => TensorData.Scalar("lengths", 2L),
            "1,2" => TensorData.Vector("lengths", 1, 2),
            _ => TensorData.Vector("lengths", 2, 1),
        };
        ModelBuilder model = Model().Initializer(lengths).Initializer("one", [1L]).Initializer("back", [-1L])
            .Add(
                Node("SplitToSequence", inputs, ["list"], how == "drop" ? [("axis", (object)1L), ("keepdims", 0L)] : [("axis", (object)(-1L))]),
                Node("SequenceAt", ["list", "back"], ["p"]), Node("SequenceLength", ["list"], ["n"]), Node("Neg", ["p"], ["y"]))
            .Output("y", "n");

        ModelProto normal = Static(model);

        Assert.Equal(how == "drop" ? "Gather" : "Split", normal.Graph.Node[0].OpType);
        Assert.Equal(how == "drop" ? 1 : parts, normal.Graph.Node[0].Output.Count);
    }

    [Fact]
    public void A_position_that_is_fed_leaves_the_list()
    {
        ModelProto model = Model().Input("place", ElementType.Int64)
            .Add(Node("Sin", ["x"], ["a"]), Node("SequenceConstruct", ["a", "x"], ["list"]), Node("SequenceAt", ["list", "place"], ["y"])).Output("y").Build();

        Assert.Equal(["Sin", "SequenceConstruct", "SequenceAt"], Operators(Normalize(model)));
    }
}
