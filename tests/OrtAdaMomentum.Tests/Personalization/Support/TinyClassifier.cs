using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Personalization.Support;

/// <summary>A linear model of two numbers and two classes; the class to learn is which of the numbers is greater.</summary>
internal static class TinyClassifier
{
    /// <summary>The model. With a slant of 0 it knows nothing, with a positive one the answer, with a negative one the wrong answer.</summary>
    public static byte[] Model(float slant = 0, string producer = "tests")
    {
        var model = new ModelBuilder()
            .Input("x", new TensorType(ElementType.Float, [Dimension.Named("batch"), 2]))
            .Initializer("weight", [slant, -slant, -slant, slant], 2, 2)
            .Initializer("bias", [0f, 0f], 2)
            .Node("MatMul", ["x", "weight"], ["product"])
            .Node("Add", ["product", "bias"], ["logits"])
            .Output("logits", new TensorType(ElementType.Float, [Dimension.Named("batch"), 2]))
            .Build();
        model.ProducerName = producer;
        return Google.Protobuf.MessageExtensions.ToByteArray(model);
    }

    public static string Write(TemporaryFolder folder, float slant = 0, string producer = "tests")
    {
        string path = folder["model.onnx"];
        File.WriteAllBytes(path, Model(slant, producer));
        return path;
    }

    public static ArtifactManifest Manifest { get; } = new()
    {
        LossName = "cross-entropy",
        TargetKind = TargetKind.ClassIndex,
        ClassCount = 2,
        ClassAxis = -1,
        Inputs = [new TensorInfo("x", ElementType.Float, [Dimension.Named("batch"), 2])],
        Target = new TensorInfo("labels", ElementType.Int64, [Dimension.Named("batch")]),
        Outputs = [new TensorInfo("logits", ElementType.Float, [Dimension.Named("batch"), 2])],
        Parameters = [],
    };

    /// <summary>Different samples; <paramref name="wrong"/> turns their labels round.</summary>
    public static IEnumerable<Sample> Samples(int count, int seed = 1, bool wrong = false)
    {
        var random = new Random(seed);
        for (int index = 0; index < count; index++)
        {
            float[] x = [random.NextSingle() * 2 - 1, random.NextSingle() * 2 - 1];
            long label = x[0] > x[1] == wrong ? 1 : 0;
            yield return new Sample("x", SampleTensor.Of<float>(x, 2), SampleTensor.Scalar(label));
        }
    }

    public static TensorDataset Dataset(int count, int seed, bool wrong = false)
    {
        var samples = Samples(count, seed, wrong).ToList();
        return new TensorDataset(count)
            .Add("x", [.. samples.SelectMany(static sample => sample.Inputs["x"].Values<float>().ToArray())], 2)
            .Add("labels", [.. samples.Select(static sample => sample.Target!.Values<long>()[0])]);
    }
}
