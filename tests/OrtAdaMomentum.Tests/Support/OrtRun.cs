using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Tests.Support;

/// <summary>An array with a shape, as ONNX Runtime takes and gives it. <see cref="Data"/> is float[], double[], long[], int[] or bool[].</summary>
internal sealed record OrtTensor(Array Data, long[] Shape)
{
    public float[] Floats => (float[])Data;

    public double[] Doubles => (double[])Data;

    public long[] Longs => (long[])Data;

    public bool[] Bools => (bool[])Data;

    /// <summary>Whatever the element type, as doubles.</summary>
    public double[] Numbers => Data switch
    {
        float[] values => Array.ConvertAll(values, value => (double)value),
        double[] values => values,
        long[] values => Array.ConvertAll(values, value => (double)value),
        int[] values => Array.ConvertAll(values, value => (double)value),
        bool[] values => Array.ConvertAll(values, value => value ? 1.0 : 0.0),
        _ => throw new NotSupportedException(Data.GetType().ToString()),
    };
}

/// <summary>Runs a model in ONNX Runtime.</summary>
internal static class OrtRun
{
    public static Dictionary<string, OrtTensor> Run(ModelProto model, params (string Name, Array Data, long[] Shape)[] inputs) =>
        Run(model.ToByteArray(), inputs);

    public static Dictionary<string, OrtTensor> Run(byte[] model, params (string Name, Array Data, long[] Shape)[] inputs)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            IntraOpNumThreads = 1,
        };
        using var session = new InferenceSession(model, options);
        NamedOnnxValue[] feeds = [.. inputs.Select(input => Feed(input.Name, input.Data, input.Shape))];
        using var results = session.Run(feeds);
        return results.ToDictionary(result => result.Name, Read, StringComparer.Ordinal);
    }

    /// <summary>Reproducible numbers between -1 and 1.</summary>
    public static float[] Random(int count, int seed = 1)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (int index = 0; index < count; index++)
            values[index] = random.NextSingle() * 2 - 1;
        return values;
    }

    /// <summary>Asserts equal shapes and elements equal up to <paramref name="tolerance"/>, absolute and relative.</summary>
    public static void AssertClose(OrtTensor expected, OrtTensor actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        double[] left = expected.Numbers, right = actual.Numbers;
        for (int index = 0; index < left.Length; index++)
        {
            double allowed = tolerance * (1 + Math.Abs(left[index]));
            bool same = left[index].Equals(right[index]) || Math.Abs(left[index] - right[index]) <= allowed;
            Assert.True(same, $"Element {index}: expected {left[index]}, was {right[index]}.");
        }
    }

    private static NamedOnnxValue Feed(string name, Array data, long[] shape)
    {
        int[] dimensions = Array.ConvertAll(shape, extent => checked((int)extent));
        return data switch
        {
            float[] values => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(values, dimensions)),
            double[] values => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<double>(values, dimensions)),
            long[] values => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(values, dimensions)),
            int[] values => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<int>(values, dimensions)),
            bool[] values => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<bool>(values, dimensions)),
            _ => throw new NotSupportedException(data.GetType().ToString()),
        };
    }

    private static OrtTensor Read(DisposableNamedOnnxValue value) => (ElementType)value.ElementType switch
    {
        ElementType.Float => Read(value.AsTensor<float>()),
        ElementType.Double => Read(value.AsTensor<double>()),
        ElementType.Int64 => Read(value.AsTensor<long>()),
        ElementType.Int32 => Read(value.AsTensor<int>()),
        ElementType.Bool => Read(value.AsTensor<bool>()),
        _ => throw new NotSupportedException(value.ElementType.ToString()),
    };

    private static OrtTensor Read<T>(Tensor<T> tensor) =>
        new(tensor.ToArray(), [.. tensor.Dimensions.ToArray().Select(extent => (long)extent)]);
}
