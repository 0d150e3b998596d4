using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Bench.Models;

/// <summary>LeNet-5 for digits of 28x28, with Relu and maxima in the place of tanh and means.</summary>
internal static class LeNet
{
    public static ModelCase Case { get; } = new(
        "lenet", "LeNet-5 on 1x28x28, batch 64", 64, Create,
        new TrainedPart("fc2.relu", "fc3.*"),
        new TrainedPart("flat", "fc1.*", "fc2.*", "fc3.*"));

    private static OnnxModel Create()
    {
        var write = new ModelWriter("lenet");
        string x = write.Input("x", ElementType.Float, 1, 28, 28);
        x = Pool(write, write.Relu(Convolution(write, x, "conv1", 1, 6, padding: 2)));
        x = Pool(write, write.Relu(Convolution(write, x, "conv2", 6, 16, padding: 0)));
        x = write.Node("Flatten", "flat", [x], ("axis", 1L));
        x = write.Relu(write.Linear(x, "fc1", 400, 120));
        x = write.Relu(write.Linear(x, "fc2", 120, 84));
        return write.Finish(write.Linear(x, "fc3", 84, 10));
    }

    private static string Convolution(ModelWriter write, string x, string layer, int channels, int filters, long padding) => write.Node(
        "Conv", layer, [x, write.Weight(layer + ".weight", channels * 25, filters, channels, 5, 5), write.Constant(layer + ".bias", 0, filters)],
        ("kernel_shape", new long[] { 5, 5 }), ("pads", new[] { padding, padding, padding, padding }));

    private static string Pool(ModelWriter write, string x) =>
        write.Node("MaxPool", x + ".pool", [x], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }));
}
