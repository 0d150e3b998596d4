using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Artifacts.Official.Kernels;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Gradients;
using OrtAdaMomentum.Tests.Gradients.Official;
using OrtAdaMomentum.Tests.Support;
using JudgedOperators = OrtAdaMomentum.Tests.Gradients.Official.OfficialOperators;
using RewrittenOperators = OrtAdaMomentum.Artifacts.Official.Operators.OfficialOperators;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>Where the official runtime's own gradient operators are written, and that this library reads them again.</summary>
public sealed class OfficialKernelTests
{
    /// <summary>Official operators that others take the place of.</summary>
    private static readonly HashSet<string> Replaced =
    [
        "SoftmaxGrad", "LogSoftmaxGrad", "BiasFastGeluGrad_dX", "BiasGeluGrad_dX", "InvertibleLayerNormalizationGrad", "DropoutGrad",
        "SoftmaxCrossEntropyLossInternalGrad", "SparseSoftmaxCrossEntropyGrad", "SoftmaxCrossEntropyGrad",
    ];

    public static TheoryData<string> Models => [.. JudgedModels.All.Select(static model => model.Name)];

    public static TheoryData<string> Forward => [.. OfficialKernels.All.Select(static kernel => kernel.Forward)];

    public static TheoryData<string> Official =>
        [.. JudgedOperators.All.Where(static item => !Replaced.Contains(item.Name) && item.Unusable is null).Select(static item => item.Name).Distinct()];

    [Theory]
    [MemberData(nameof(Official))]
    public void An_official_operator_is_written_for_the_cases_that_it_computes_and_for_no_other(string name)
    {
        var problems = new List<string>();
        foreach (var (official, @case) in JudgedOperators.Cases.Where(pair => pair.Operator.Name == name))
        {
            if (OfficialFile.Results.GetValueOrDefault(official.ResultName(@case)) is not { } result || !KernelCase.HasSamples(@case))
                continue;
            using var written = new KernelCase(@case);
            bool computes = (result.Gradients is not null && !official.GetsWrong(@case) && !IsLeftToOthers(@case)) || NeedsMoreThanTheNode(@case);
            bool used = KernelCase.OperatorsIn(written.Write(ShapeKnowledge.Fixed)).Contains(name);
            if (computes != used)
                problems.Add($"{@case.Name}: computes {computes}, used {used}");
        }

        Assert.True(problems.Count == 0, string.Join(Environment.NewLine, problems));
    }

    /// <summary>
    /// What an official operator computes only by the way: with padding by rule, steps backwards or known at run time, weights that train;
    /// and groups that do not slide over two axes, where it writes beyond its memory.
    /// </summary>
    private static bool IsLeftToOthers(GradientCase @case) => @case.Operator switch
    {
        "Conv" => @case.Description == "SAME_UPPER, stride larger than kernel" || (@case.Inputs[0].Shape.Length != 4 && @case.Attributes.Any(static pair => pair is ("group", not 1L))),
        "Slice" => @case.Description is "step -2 from out of range" or "step -1 inside" or "steps at run time",
        "SoftmaxCrossEntropyLoss" => @case.Inputs is [_, _, { Role: InputRole.Variable }],
        _ => false,
    };

    /// <summary>Without a bias the operator still wants a place for its gradient; and how far from zero values lie is told by no node.</summary>
    private static bool NeedsMoreThanTheNode(GradientCase @case) => @case is { Operator: "LayerNormalization", Description: "no bias" or "mean far from 0" };

    [Fact]
    public void Every_official_operator_that_is_used_trains_a_judged_model()
    {
        var trained = JudgedModels.All.SelectMany(static model => model.Kernels).ToHashSet();
        Assert.Empty(Official.Select(static row => row.Data).Except(trained));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_training_model_alone_holds_the_official_operators(string name)
    {
        var model = JudgedModels.Named(name);
        var options = model.Options with { Layout = ArtifactLayout.Official, Official = new() { Kernels = OfficialKernelUse.On } };
        var artifacts = ArtifactGenerator.Generate(model.Load(), options);
        var training = KernelCase.OperatorsIn(ModelProto.Parser.ParseFrom(artifacts.TrainingModel.Span)).ToHashSet();
        Assert.True(training.SetEquals(model.Kernels), $"the training model has {string.Join(", ", training)}");
        var eval = ModelProto.Parser.ParseFrom(artifacts.EvalModel.Span);
        Assert.DoesNotContain(eval.Graph.Node, static node => RewrittenOperators.Find(node) is not null);
        var ordinary = ArtifactGenerator.Generate(model.Load(), options with { Official = new() });
        Assert.Empty(KernelCase.OperatorsIn(ModelProto.Parser.ParseFrom(ordinary.TrainingModel.Span)));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void A_layer_normalization_is_left_to_ordinary_operators_where_rows_have_one_element(int extent, bool isUsed)
    {
        var model = new ModelBuilder()
            .Input("x", new TensorType(ElementType.Float, [Dimension.Named("batch"), 3, extent]))
            .Initializer("scale", OrtRun.Random(extent, 1), extent).Initializer("bias", OrtRun.Random(extent, 2), extent)
            .Node("LayerNormalization", ["x", "scale", "bias"], ["y"])
            .Output("y", new TensorType(ElementType.Float, [Dimension.Named("batch"), 3, extent])).Build();
        var artifacts = ArtifactGenerator.Generate(new OnnxModel(model, "rows"), new ArtifactOptions
        {
            Loss = new MeanSquaredErrorLoss(), Layout = ArtifactLayout.Official, Official = new() { Kernels = OfficialKernelUse.On },
        });
        Assert.Equal(isUsed, KernelCase.OperatorsIn(ModelProto.Parser.ParseFrom(artifacts.TrainingModel.Span)).Contains("LayerNormalizationGrad"));
    }

    [Theory]
    [MemberData(nameof(Forward))]
    public void What_is_written_with_official_operators_is_read_again_with_the_same_gradients(string operatorType)
    {
        int read = 0;
        foreach (var @case in KernelCase.Of(OfficialKernels.All.Single(kernel => kernel.Forward == operatorType)))
        {
            using var written = new KernelCase(@case);
            foreach (var (shapes, model) in written.Models())
            {
                var (ordinary, _) = OfficialRewriting.Apply(model, @case.Name);
                Assert.Empty(KernelCase.OperatorsIn(ordinary));
                using var session = CaseSession.Open(ordinary, written.Feeds, optimize: true);
                written.AssertClose(session.Run(), $"{shapes} shapes");
                read++;
            }
        }

        Assert.NotEqual(0, read);
    }
}
