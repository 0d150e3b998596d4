using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Bench.Models;

/// <summary>ResNet-18 as it is used for CIFAR: a first convolution of 3x3 at full size, and no pooling before the blocks.</summary>
internal static class ResNet18
{
    public static ModelCase Case { get; } = new(
        "resnet18", "ResNet-18 in CIFAR form on 3x32x32, batch 16", 16, Create,
        new TrainedPart("pooled", "fc.*"),
        new TrainedPart("stage3.1.out", "stage4.*", "fc.*"));

    private static OnnxModel Create()
    {
        var write = new ModelWriter("resnet18");
        string x = write.Input("x", ElementType.Float, 3, 32, 32);
        x = write.Relu(write.BatchNormalization(write.Convolution(x, "conv", 3, 64, 3), 64));
        int channels = 64;
        for (int stage = 1; stage <= 4; stage++)
        {
            int filters = 32 << stage;
            x = Block(write, x, $"stage{stage}.0", channels, filters, stage == 1 ? 1 : 2);
            x = Block(write, x, $"stage{stage}.1", filters, filters, 1);
            channels = filters;
        }

        x = write.Node("Flatten", "pooled", [write.Node("GlobalAveragePool", "means", [x])], ("axis", 1L));
        return write.Finish(write.Linear(x, "fc", channels, 10));
    }

    private static string Block(ModelWriter write, string x, string block, int channels, int filters, int stride)
    {
        string inner = write.Relu(write.BatchNormalization(write.Convolution(x, block + ".conv1", channels, filters, 3, stride), filters));
        inner = write.BatchNormalization(write.Convolution(inner, block + ".conv2", filters, filters, 3), filters);
        string around = channels == filters
            ? x
            : write.BatchNormalization(write.Convolution(x, block + ".shortcut", channels, filters, 1, stride), filters);
        return write.Node("Relu", block + ".out", [write.Add(inner, around, block + ".sum")]);
    }
}
