using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Gradients;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Kernels;

/// <summary>Which nodes a graph has is up to a file: a kernel must not read or write beyond the tensors that it is given.</summary>
public class KernelInputTests
{
    private static readonly (string, object)[] Filter =
    [
        ("filter", new long[] { 4, 3, 3, 3 }), ("strides", new long[] { 1, 1 }), ("dilations", new long[] { 1, 1 }), ("pads", new long[] { 0, 0, 0, 0 }),
        ("group", 1L),
    ];

    [Theory]
    [InlineData("ReluBackward", new long[] { 9 }, new long[] { 8 })]
    [InlineData("SoftmaxBackward", new long[] { 2, 5 }, new long[] { 2, 6 })]
    [InlineData("LayerNormalizationBackward", new long[] { 4, 6 }, new long[] { 4, 6 }, new long[] { 6 }, new long[] { 3, 1 }, new long[] { 3, 1 })]
    [InlineData("LayerNormalizationBackward", new long[] { 4, 6 }, new long[] { 4, 6 }, new long[] { 5 }, new long[] { 4, 1 }, new long[] { 4, 1 })]
    [InlineData("BatchNormalizationBackward", new long[] { 2, 3, 4 }, new long[] { 2, 3, 4 }, new long[] { 2 }, new long[] { 3 }, new long[] { 3 })]
    [InlineData("BatchNormalizationBackward", new long[] { 2, 3, 4 }, new long[] { 1, 3, 4 }, new long[] { 3 }, new long[] { 3 }, new long[] { 3 })]
    [InlineData("BatchNormalizationForward", new long[] { 2, 3, 4 }, new long[] { 3 }, new long[] { 2 }, new long[] { 3 }, new long[] { 3 })]
    [InlineData("ConvolutionForward", new long[] { 2, 3, 8, 8 }, new long[] { 4, 3, 2, 3 })]
    [InlineData("ConvolutionForward", new long[] { 2, 2, 8, 8 }, new long[] { 4, 3, 3, 3 })]
    [InlineData("ConvolutionForward", new long[] { 2, 3, 8, 8 }, new long[] { 4, 3, 3, 3 }, new long[] { 3 })]
    [InlineData("ConvolutionForward", new long[] { 2, 3, 8 }, new long[] { 4, 3, 3, 3 })]
    [InlineData("ConvolutionInputGradient", new long[] { 2, 4, 5, 6 }, new long[] { 4, 3, 3, 3 }, new long[] { 2, 3, 8, 8 })]
    [InlineData("ConvolutionInputGradient", new long[] { 2, 4, 6, 6 }, new long[] { 4, 3, 3, 3 })]
    [InlineData("ConvolutionFilterGradient", new long[] { 2, 4, 6, 6 }, new long[] { 1, 3, 8, 8 })]
    [InlineData("LstmForward", new long[] { 3, 2 }, new long[] { 1, 12, 5 }, new long[] { 1, 12, 3 })]
    [InlineData("LstmForward", new long[] { 3, 2, 5 }, new long[] { 1, 12, 4 }, new long[] { 1, 12, 3 })]
    [InlineData("LstmForward", new long[] { 3, 2, 5 }, new long[] { 1, 12, 5 }, new long[] { 1, 9, 3 })]
    [InlineData("LstmForward", new long[] { 3, 2, 5 }, new long[] { 1, 12, 5 }, new long[] { 1, 12, 3 }, new long[] { 1, 12 })]
    [InlineData("LstmForward", new long[] { 3, 2, 5 }, new long[] { 1, 12, 5 }, new long[] { 1, 12, 3 }, new long[] { 1, 24 }, new long[] { 1, 3, 3 })]
    [InlineData("LstmBackward", new long[] { 3, 2, 9 }, new long[] { 3, 2, 3 }, new long[] { 1, 12, 3 })]
    [InlineData("LstmBackward", new long[] { 3, 2, 12 }, new long[] { 3, 2, 4 }, new long[] { 1, 12, 3 })]
    [InlineData("LstmBackward", new long[] { 3, 2, 12 }, new long[] { 3, 2, 3 }, new long[] { 2, 12, 3 })]
    [InlineData("LstmBackward", new long[] { 3, 2, 12 }, new long[] { 3, 2, 3 }, new long[] { 1, 12, 3 }, new long[] { 1, 1, 3 })]
    [InlineData("GruForward", new long[] { 3, 2, 5 }, new long[] { 1, 9, 5 }, new long[] { 1, 12, 3 })]
    [InlineData("GruForward", new long[] { 3, 2, 5 }, new long[] { 1, 9, 5 }, new long[] { 1, 9, 3 }, new long[] { 1, 9 })]
    [InlineData("GruBackward", new long[] { 3, 2, 9 }, new long[] { 1, 9, 3 }, new long[] { 3, 1, 2, 3 })]
    [InlineData("GruBackward", new long[] { 3, 2, 12 }, new long[] { 1, 9, 3 }, new long[] { 3, 2, 2, 3 })]
    public void Tensors_that_do_not_fit_each_other_are_refused(string kernel, params long[][] shapes)
    {
        var problem = Assert.Throws<OnnxRuntimeException>(() => Run(kernel, shapes));

        Assert.Contains("expected", problem.Message, StringComparison.Ordinal);
        Assert.Contains(kernel, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ConvolutionInputGradient", new long[] { 2, 4, 6, 6 }, new long[] { 4, 3, 3, 3 }, new long[] { 2, 3, 8, 8 })]
    [InlineData("LayerNormalizationBackward", new long[] { 4, 6 }, new long[] { 4, 6 }, new long[] { 6 }, new long[] { 4, 1 }, new long[] { 4, 1 })]
    [InlineData("LstmForward", new long[] { 3, 2, 5 }, new long[] { 1, 12, 5 }, new long[] { 1, 12, 3 }, new long[] { 1, 24 }, new long[] { 1, 2, 3 })]
    [InlineData("LstmBackward", new long[] { 3, 2, 12 }, new long[] { 3, 2, 3 }, new long[] { 1, 12, 3 }, new long[] { 1, 2, 3 })]
    [InlineData("GruForward", new long[] { 3, 2, 5 }, new long[] { 1, 9, 5 }, new long[] { 1, 9, 3 }, new long[] { 1, 18 })]
    [InlineData("GruBackward", new long[] { 3, 2, 12 }, new long[] { 1, 9, 3 }, new long[] { 3, 1, 2, 3 })]
    [InlineData("ColumnSum", new long[] { 3, 2, 12 })]
    public void Tensors_that_fit_are_taken(string kernel, params long[][] shapes) => Run(kernel, shapes);

    private static void Run(string kernel, long[][] shapes)
    {
        var model = new ModelBuilder().Opset(OnnxDomains.Kernels, 1);
        var feeds = new Dictionary<string, (Array, long[])>();
        for (int index = 0; index < shapes.Length; index++)
        {
            string name = $"x{index}";
            model.Input(name, new TensorType(ElementType.Float, [.. shapes[index].Select(static _ => Dimension.Unknown)]));
            feeds[name] = (OrtRun.Random((int)shapes[index].Aggregate(1L, static (product, extent) => product * extent), index), shapes[index]);
        }

        model.Node(OnnxDomains.Kernels, kernel, [.. feeds.Keys], ["y"], kernel.StartsWith("Convolution", StringComparison.Ordinal) ? Filter : [])
            .Output("y", new TensorType(ElementType.Float, null));
        using var session = CaseSession.Open(model.Build(), feeds, optimize: false);
        session.Run();
    }
}
