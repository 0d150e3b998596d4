using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>Runs a session once on stored tensors.</summary>
internal static class RuntimeRun
{
    /// <summary>All outputs by name, for inputs that carry their names.</summary>
    public static Dictionary<string, TensorProto> Run(InferenceSession session, IReadOnlyList<TensorProto> inputs)
    {
        var values = new List<OrtValue>(inputs.Count);
        try
        {
            foreach (TensorProto input in inputs)
                values.Add(ToValue(input));
            using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            string[] names = [.. inputs.Select(static input => input.Name)];
            using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, names, values, session.OutputNames);
            var results = new Dictionary<string, TensorProto>(StringComparer.Ordinal);
            for (int index = 0; index < outputs.Count; index++)
                results.Add(session.OutputNames[index], FromValue(session.OutputNames[index], outputs[index]));
            return results;
        }
        finally
        {
            foreach (OrtValue value in values)
                value.Dispose();
        }
    }

    private static OrtValue ToValue(TensorProto tensor)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)tensor.DataType, [.. tensor.Dims]);
        tensor.RawData.Span.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private static TensorProto FromValue(string name, OrtValue value)
    {
        if (!value.IsTensor)
            throw new OnnxModelException($"output '{name}' is no tensor.");
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        var tensor = new TensorProto { Name = name, DataType = (int)info.ElementDataType, RawData = ByteString.CopyFrom(value.GetTensorMutableRawData()) };
        tensor.Dims.AddRange(info.Shape);
        return tensor;
    }
}
