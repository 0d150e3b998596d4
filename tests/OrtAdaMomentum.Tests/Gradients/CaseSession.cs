using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Kernels.Runtime;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>A model in ONNX Runtime that runs again and again on input arrays that are changed in place.</summary>
internal sealed class CaseSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly string[] _names;
    private readonly OrtValue[] _values;

    private CaseSession(InferenceSession session, IReadOnlyDictionary<string, (Array Data, long[] Shape)> feeds)
    {
        _session = session;
        _names = [.. session.InputNames];
        _values = [.. _names.Select(name => Wrap(feeds[name].Data, feeds[name].Shape))];
    }

    /// <summary>Opens a session.</summary>
    public static CaseSession Open(ModelProto model, IReadOnlyDictionary<string, (Array Data, long[] Shape)> feeds, bool optimize, int threads = 1)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = optimize ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            IntraOpNumThreads = threads,
        };
        if (model.OpsetImport.Any(static import => import.Domain == OnnxDomains.Kernels))
            KernelDomain.AddTo(options);
        return new CaseSession(new InferenceSession(model.ToByteArray(), options), feeds);
    }

    /// <summary>Opens a session; null when ONNX Runtime has no kernel for a node in the element type that it is written in.</summary>
    public static CaseSession? TryOpen(ModelProto model, IReadOnlyDictionary<string, (Array Data, long[] Shape)> feeds, bool optimize)
    {
        try
        {
            return Open(model, feeds, optimize);
        }
        catch (OnnxRuntimeException error) when (IsMissingKernel(error))
        {
            return null;
        }
    }

    /// <summary>Whether the runtime refuses an element type, as against a model that is wrong.</summary>
    public static bool IsMissingKernel(Exception error) =>
        error.Message.Contains("NotImplemented", StringComparison.Ordinal)
        || error.Message.Contains("Type 'tensor(double)' of input parameter", StringComparison.Ordinal);

    /// <summary>The outputs for what the input arrays hold now.</summary>
    public Dictionary<string, OrtTensor> Run()
    {
        using var results = _session.Run(_options, _names, _values, _session.OutputNames);
        var outputs = new Dictionary<string, OrtTensor>();
        for (int index = 0; index < results.Count; index++)
            outputs[_session.OutputNames[index]] = Read(results[index]);
        return outputs;
    }

    public void Dispose()
    {
        foreach (var value in _values)
            value.Dispose();
        _options.Dispose();
        _session.Dispose();
    }

    private static OrtValue Wrap(Array data, long[] shape) => data switch
    {
        double[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
        float[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
        long[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
        int[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
        bool[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
        _ => throw new NotSupportedException($"{data.GetType()}"),
    };

    private static OrtTensor Read(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        Array data = (ElementType)info.ElementDataType switch
        {
            ElementType.Double => value.GetTensorDataAsSpan<double>().ToArray(),
            ElementType.Float => value.GetTensorDataAsSpan<float>().ToArray(),
            ElementType.Int64 => value.GetTensorDataAsSpan<long>().ToArray(),
            ElementType.Int32 => value.GetTensorDataAsSpan<int>().ToArray(),
            ElementType.Bool => value.GetTensorDataAsSpan<bool>().ToArray(),
            var other => throw new NotSupportedException($"{other}"),
        };
        return new OrtTensor(data, info.Shape);
    }
}
