using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;
using static OrtAdaMomentum.Tests.Onnx.ControlFlow.Flow;

namespace OrtAdaMomentum.Tests.Onnx.ControlFlow;

/// <summary>What becomes of models with control flow once they are trained.</summary>
public class TrainingTests
{
    [Fact]
    public void Weights_trained_in_a_branch_go_back_into_it()
    {
        GraphProto Branch(float factor) => Graph([], ["r"], Constant("v", TensorData.Create("", [factor, factor, factor], 3)), Node("Mul", ["x", "a"], ["h"]), Node("Add", ["h", "v"], ["r"]))
            .With(TensorData.Create("a", [1f, 2f, factor], 3));
        byte[] bytes = Model().Input("flag", ElementType.Bool).Add(If("flag", ["m"], Branch(4), Branch(5)), Node("Mul", ["m", "w"], ["y"])).Output("y").ToBytes();
        TrainingArtifacts artifacts = ArtifactGenerator.Generate(OnnxModel.Load(bytes), Options(("flag", "false")));

        Assert.Equal(["a_1", "v_1", "w"], artifacts.Manifest.Parameters.Where(parameter => parameter.Trainable).Select(parameter => parameter.Name).Order(StringComparer.Ordinal));
        OnnxModel exported = InferenceExport.Export(artifacts, new Dictionary<string, float[]> { ["w"] = [1, 1, 1], ["a_1"] = [2, 3, 4], ["v_1"] = [0.5f, 0.5f, 0.5f] });

        float[] Run(bool flag) => OrtRun.Run(exported.ToBytes(), ("x", new float[] { 1, 1, 1, 0, 0, 0 }, [2, 3]), ("flag", new[] { flag }, []))["y"].Floats;
        Assert.Equal([2.5f, 3.5f, 4.5f, 0.5f, 0.5f, 0.5f], Run(false));
        Assert.Equal([5f, 6f, 8f, 4f, 4f, 4f], Run(true));
    }

    [Fact]
    public void A_weight_used_in_every_iteration_has_the_sum_of_its_gradients()
    {
        GraphProto body = LoopTests.Body(["s"], ["t"], Node("Mul", ["s", "a"], ["t"])).With(TensorData.Create("a", [2f, 3f, 1f], 3));
        byte[] bytes = Model().Initializer("n", [3L]).Add(Loop(["n", "", "x"], ["y"], body)).Output("y").ToBytes();

        TrainingArtifacts artifacts = ArtifactGenerator.Generate(OnnxModel.Load(bytes), Options());

        // y = x a³, loss = mean(y²): d loss / d a = mean over the 6 elements of 2 y · 3 x a², summed over the rows.
        Dictionary<string, OrtTensor> results = OrtRun.Run(artifacts.TrainingModel.ToArray(),
            ("x", new float[] { 1, 1, 1, 0, 0, 1 }, [2, 3]), (artifacts.Manifest.Target.Name, new float[6], [2, 3]), ("a", new float[] { 2, 3, 1 }, [3]));
        OrtRun.AssertClose(new OrtTensor(new float[] { 32, 243, 2 }, [3]), results[ArtifactManifest.GradientName("a")]);
    }

    [Fact]
    public void A_choice_left_open_says_which_input_decides_it()
    {
        GraphProto Branch(string type) => Graph([], ["r"], Node("Mul", ["x", "w"], ["h"]), Node(type, ["h"], ["r"]));
        UnsupportedNode byValue = Refused(Model().Input("rate", ElementType.Int64).Initializer("low", [8000L])
            .Add(Node("Greater", ["rate", "low"], ["high"]), If("high", ["y"], Branch("Sin"), Branch("Neg"))).Output("y"));
        UnsupportedNode byShape = Refused(new ModelBuilder().Input("x", new TensorType(ElementType.Float, [Dimension.Named("n"), 3])).Initializer("w", [0.5f, -1.5f, 2f], 3)
            .Initializer("zero", [0L]).Initializer("two", [2L])
            .Add(Node("Shape", ["x"], ["shape"]), Node("Gather", ["shape", "zero"], ["n"]), Node("Less", ["n", "two"], ["small"]), If("small", ["y"], Branch("Sin"), Branch("Neg"))).Output("y"));

        Assert.Contains("which of its branches runs is decided by 'high'", byValue.Reason, StringComparison.Ordinal);
        Assert.Contains("fix 'rate' (rate=VALUE), as --fix does", byValue.Reason, StringComparison.Ordinal);
        Assert.Contains("fix the axis of 'x' that is meant (x:AXIS=LENGTH), as --fix does", byShape.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_left_open_says_why()
    {
        NodeProto Loops(string limit, params NodeProto[] condition) => Loop([limit, "", "x"], ["last"],
            LoopTests.Body("goOn", ["s"], ["t"], [Node("Mul", ["s", "w"], ["t"]), .. condition]));
        NodeProto goesOn = Node("Identity", ["on"], ["goOn"]);

        UnsupportedNode byCount = Refused(Shaped(Model().Input("count", ElementType.Int64).Add(Loops("count", goesOn)), "last"));
        UnsupportedNode byData = Refused(Shaped(Model().Initializer("n", [9L]).Initializer("end", [1f])
            .Add(Loops("n", Node("ReduceSum", ["t"], ["sum"], ("keepdims", 0L)), Node("Less", ["sum", "end"], ["goOn"]))), "last"));
        UnsupportedNode byLength = Refused(Shaped(Model().Initializer("n", [100_000_000L]).Add(Loops("n", goesOn)), "last"));

        Assert.Contains("how often it runs is decided by 'count'", byCount.Reason, StringComparison.Ordinal);
        Assert.Contains("fix 'count' (count=VALUE)", byCount.Reason, StringComparison.Ordinal);
        Assert.Contains("computed anew in each iteration", byData.Reason, StringComparison.Ordinal);
        Assert.Contains("more often than can be written out", byLength.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_read_at_a_place_that_is_fed_says_so()
    {
        UnsupportedNode[] nodes = AllRefused(Shaped(Model().Input("place", ElementType.Int64)
            .Add(Node("Mul", ["x", "w"], ["a"]), Node("SequenceConstruct", ["a", "x"], ["list"]), Node("SequenceAt", ["list", "place"], ["z"])), "z"));

        Assert.Contains("fix 'place' (place=VALUE)", nodes.Single(node => node.OperatorType == "SequenceAt").Reason, StringComparison.Ordinal);
    }

    private static ArtifactOptions Options(params (string Name, string Value)[] fix) => new()
    {
        Loss = new MeanSquaredErrorLoss(),
        FreeBatch = false,
        Fix = fix.ToDictionary(pair => pair.Name, pair => pair.Value),
    };

    /// <summary>The runtime does not know the shape of what a Loop or a sequence gives; a loss needs it.</summary>
    private static ModelBuilder Shaped(ModelBuilder model, string value) =>
        model.Initializer("shape23", [2L, 3L], 2).Node("Reshape", [value, "shape23"], ["y"]).Output("y");

    private static UnsupportedNode Refused(ModelBuilder model) => Assert.Single(AllRefused(model));

    private static UnsupportedNode[] AllRefused(ModelBuilder model) =>
        [.. Assert.Throws<UnsupportedOperatorException>(() => ArtifactGenerator.Generate(OnnxModel.Load(model.ToBytes()), Options())).Nodes];
}
