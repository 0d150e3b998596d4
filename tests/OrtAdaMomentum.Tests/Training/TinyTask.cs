using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Training;

/// <summary>A small classifier and data that it can learn: which of three directions a noisy point lies in.</summary>
internal static class TinyTask
{
    public const int Features = 4;

    public const int Classes = 3;

    /// <summary>Gemm, Relu, Gemm, Softmax, with random weights.</summary>
    public static OnnxModel Classifier(int hidden = 8, int seed = 3) => new(
        new ModelBuilder()
            .Input("x", new TensorType(ElementType.Float, [Dimension.Named("batch"), Features]))
            .Initializer("body.weight", OrtRun.Random(Features * hidden, seed), Features, hidden)
            .Initializer("body.bias", OrtRun.Random(hidden, seed + 1), hidden)
            .Initializer("head.weight", OrtRun.Random(hidden * Classes, seed + 2), hidden, Classes)
            .Initializer("head.bias", OrtRun.Random(Classes, seed + 3), Classes)
            .Node("Gemm", ["x", "body.weight", "body.bias"], ["h"])
            .Node("Relu", ["h"], ["r"])
            .Node("Gemm", ["r", "head.weight", "head.bias"], ["z"])
            .Node("Softmax", ["z"], ["probabilities"], ("axis", -1L))
            .Output("probabilities", new TensorType(ElementType.Float, [Dimension.Named("batch"), Classes]))
            .Build(),
        "tiny.onnx");

    public static TrainingArtifacts Artifacts(ArtifactOptions? options = null) => ArtifactGenerator.Generate(Classifier(), options);

    public static TensorDataset Data(int count, int seed = 11)
    {
        var random = new Random(seed);
        var features = new float[count * Features];
        var labels = new long[count];
        for (int sample = 0; sample < count; sample++)
        {
            labels[sample] = random.Next(Classes);
            for (int feature = 0; feature < Features; feature++)
                features[sample * Features + feature] = (feature == labels[sample] ? 1.5f : 0) + (random.NextSingle() - 0.5f);
        }

        return new TensorDataset(count).Add("x", features, Features).Add("labels", labels);
    }
}
