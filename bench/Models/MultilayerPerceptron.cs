using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Bench.Models;

/// <summary>Three fully connected layers for digits of 28x28.</summary>
internal static class MultilayerPerceptron
{
    public static ModelCase Case { get; } = new(
        "mlp", "784-1024-1024-10, batch 64", 64, Create,
        new TrainedPart("fc2.relu", "fc3.*"),
        new TrainedPart("fc1.relu", "fc2.*", "fc3.*"));

    private static OnnxModel Create()
    {
        var write = new ModelWriter("mlp");
        string x = write.Input("x", ElementType.Float, 784);
        x = write.Relu(write.Linear(x, "fc1", 784, 1024));
        x = write.Relu(write.Linear(x, "fc2", 1024, 1024));
        return write.Finish(write.Linear(x, "fc3", 1024, 10));
    }
}
