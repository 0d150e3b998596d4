using System.Runtime.InteropServices;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Personalization.Support;

/// <summary>The real digit model and its data.</summary>
internal static class Digits
{
    public static DatasetSchema Schema { get; } = new(
        [new TensorInfo("image", ElementType.Float, [Dimension.Named("batch"), 1, 28, 28])], new TensorInfo("labels", ElementType.Int64, [Dimension.Named("batch")]));

    public static string File(string name) => Path.Combine(AppContext.BaseDirectory, "Models", name);

    public static IDataset Open(string name) => DatasetFile.Open(
        $"{File($"{name}-images-idx3-ubyte.gz")},{File($"{name}-labels-idx1-ubyte.gz")}", Schema, new DatasetReadOptions { ScaleBytes = true });

    /// <summary>The samples of a dataset; <paramref name="label"/> may change a label by the sample's place.</summary>
    public static IEnumerable<Sample> Samples(IDataset data, Func<int, long, long>? label = null)
    {
        var pixels = new float[28 * 28];
        var labels = new long[1];
        for (int index = 0; index < data.Count; index++)
        {
            data.Read("image", [index], MemoryMarshal.AsBytes(pixels.AsSpan()));
            data.Read("labels", [index], MemoryMarshal.AsBytes(labels.AsSpan()));
            yield return new Sample(
                "image", SampleTensor.Of<float>(pixels, 1, 28, 28), SampleTensor.Scalar(label?.Invoke(index, labels[0]) ?? labels[0]), $"digit-{index}");
        }
    }
}
