using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Samples.EdgeFineTune;

/// <summary>Digits with their labels, as the model takes them: 28 by 28 numbers from 0 to 1.</summary>
internal sealed class DigitSet
{
    public const int Side = 28;

    public const string Input = "image";

    private const string Target = "labels";

    private static readonly DatasetSchema Schema = new(
        [new TensorInfo(Input, ElementType.Float, [Dimension.Named("batch"), 1, Side, Side])],
        new TensorInfo(Target, ElementType.Int64, [Dimension.Named("batch")]));

    private readonly float[] _pixels;
    private readonly long[] _labels;

    private DigitSet(float[] pixels, long[] labels)
    {
        _pixels = pixels;
        _labels = labels;
    }

    public int Count => _labels.Length;

    /// <summary>Reads a pair of idx files that begin with a name, from the folder of models.</summary>
    public static DigitSet Load(string folder, string name)
    {
        var data = IdxDataset.Load(
            Path.Combine(folder, name + "-images-idx3-ubyte.gz"), Path.Combine(folder, name + "-labels-idx1-ubyte.gz"), Schema,
            new DatasetReadOptions { ScaleBytes = true });
        int[] all = [.. Enumerable.Range(0, data.Count)];
        var pixels = new float[data.Count * Side * Side];
        var labels = new long[data.Count];
        data.Read(Input, all, System.Runtime.InteropServices.MemoryMarshal.AsBytes(pixels.AsSpan()));
        data.Read(Target, all, System.Runtime.InteropServices.MemoryMarshal.AsBytes(labels.AsSpan()));
        return new DigitSet(pixels, labels);
    }

    public ReadOnlySpan<float> Pixels(int digit) => _pixels.AsSpan(digit * Side * Side, Side * Side);

    public int Label(int digit) => (int)_labels[digit];

    public SampleTensor Image(int digit) => SampleTensor.Of(Pixels(digit), 1, Side, Side);

    /// <summary>The digits from one place up to another.</summary>
    public DigitSet Part(Range range)
    {
        var (start, count) = range.GetOffsetAndLength(Count);
        return new DigitSet(_pixels[(start * Side * Side)..((start + count) * Side * Side)], _labels[range]);
    }

    public IDataset ToDataset() => new TensorDataset(Count).Add(Input, _pixels, 1, Side, Side).Add(Target, _labels);
}
