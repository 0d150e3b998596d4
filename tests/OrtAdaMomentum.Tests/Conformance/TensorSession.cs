using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Tests.Conformance;

/// <summary>A model in ONNX Runtime that runs again and again on stored tensors of any type, whose numbers can be changed in place.</summary>
internal sealed class TensorSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    private readonly Dictionary<string, OrtValue> _inputs = [];

    public TensorSession(ModelProto model, IReadOnlyDictionary<string, TensorProto> feeds, bool optimize)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = optimize ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            IntraOpNumThreads = 1,
        };
        _session = new InferenceSession(model.ToByteArray(), options);
        foreach (string name in _session.InputNames)
            _inputs.Add(name, ToValue(feeds[name]));
    }

    /// <summary>The outputs that hold floating-point numbers, for what the inputs hold now.</summary>
    public Dictionary<string, (double[] Numbers, long[] Shape)> Run()
    {
        using var results = _session.Run(_options, _inputs.Keys, _inputs.Values, _session.OutputNames);
        var outputs = new Dictionary<string, (double[], long[])>();
        for (int index = 0; index < results.Count; index++)
        {
            if (results[index].IsTensor && Numbers(results[index]) is { } numbers)
                outputs.Add(_session.OutputNames[index], (numbers, results[index].GetTensorTypeAndShape().Shape));
        }

        return outputs;
    }

    /// <summary>Adds to an element of an input in double or single precision; gives what was really added.</summary>
    public double Move(string input, int index, double from, double step)
    {
        var value = _inputs[input];
        if ((ElementType)value.GetTensorTypeAndShape().ElementDataType == ElementType.Double)
            return (value.GetTensorMutableDataAsSpan<double>()[index] = from + step) - from;
        return (value.GetTensorMutableDataAsSpan<float>()[index] = (float)(from + step)) - from;
    }

    public void Dispose()
    {
        foreach (var value in _inputs.Values)
            value.Dispose();
        _options.Dispose();
        _session.Dispose();
    }

    private static double[]? Numbers(OrtValue value) => (ElementType)value.GetTensorTypeAndShape().ElementDataType switch
    {
        ElementType.Double => value.GetTensorDataAsSpan<double>().ToArray(),
        ElementType.Float => Array.ConvertAll(value.GetTensorDataAsSpan<float>().ToArray(), static number => (double)number),
        ElementType.Float16 => Array.ConvertAll(
            MemoryMarshal.Cast<byte, Half>(value.GetTensorMutableRawData()).ToArray(), static number => (double)number),
        ElementType.BFloat16 => Array.ConvertAll(
            MemoryMarshal.Cast<byte, ushort>(value.GetTensorMutableRawData()).ToArray(),
            static bits => (double)BitConverter.UInt32BitsToSingle((uint)bits << 16)),
        _ => null,
    };

    private static OrtValue ToValue(TensorProto tensor)
    {
        long[] shape = [.. tensor.Dims];
        if ((ElementType)tensor.DataType == ElementType.String)
        {
            var texts = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
            for (int index = 0; index < tensor.StringData.Count; index++)
                texts.StringTensorSetElementAt(tensor.StringData[index].ToStringUtf8().AsSpan(), index);
            return texts;
        }

        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)tensor.DataType, shape);
        var raw = tensor.RawData.Length > 0
            ? tensor.RawData
            : TensorData.Create(string.Empty, (ElementType)tensor.DataType, TensorData.ToDoubles(tensor), shape).RawData;
        raw.Span.CopyTo(value.GetTensorMutableRawData());
        return value;
    }
}
