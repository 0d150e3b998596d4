using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Bench.Models;

/// <summary>MobileNetV2 at width 1: inverted residuals with depthwise convolutions and Relu6.</summary>
internal static class MobileNetV2
{
    public static ModelCase Case { get; } = new(
        "mobilenetv2", "MobileNetV2 on 3x96x96, 10 classes, batch 8", 8, Create,
        new TrainedPart("pooled", "fc.*"),
        new TrainedPart("block16.out", "last.*", "fc.*"));

    private static OnnxModel Create()
    {
        var write = new ModelWriter("mobilenetv2");
        write.Constant("zero", 0);
        write.Constant("six", 6);
        string x = write.Input("x", ElementType.Float, 3, 96, 96);
        x = Activated(write, x, "first", 3, 32, 3, stride: 2);
        int channels = 32, number = 0;
        foreach (var (expansion, filters, repeats, firstStride) in new[]
        {
            (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
        })
        {
            for (int repeat = 0; repeat < repeats; repeat++)
            {
                x = Block(write, x, $"block{number++}", channels, filters, expansion, repeat == 0 ? firstStride : 1);
                channels = filters;
            }
        }

        x = Activated(write, x, "last", channels, 1280, 1);
        x = write.Node("Flatten", "pooled", [write.Node("GlobalAveragePool", "means", [x])], ("axis", 1L));
        return write.Finish(write.Linear(x, "fc", 1280, 10));
    }

    private static string Block(ModelWriter write, string x, string block, int channels, int filters, int expansion, int stride)
    {
        int wide = channels * expansion;
        string inner = expansion == 1 ? x : Activated(write, x, block + ".expand", channels, wide, 1);
        inner = Activated(write, inner, block + ".depthwise", wide, wide, 3, stride, wide);
        inner = write.BatchNormalization(write.Convolution(inner, block + ".project", wide, filters, 1), filters);
        return stride == 1 && channels == filters
            ? write.Add(inner, x, block + ".out")
            : write.Node("Identity", block + ".out", [inner]);
    }

    private static string Activated(ModelWriter write, string x, string layer, int channels, int filters, int kernel, int stride = 1, int groups = 1) =>
        write.Node("Clip", layer + ".relu6", [write.BatchNormalization(write.Convolution(x, layer, channels, filters, kernel, stride, groups), filters), "zero", "six"]);
}
