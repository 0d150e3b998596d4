using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>Opens ONNX Runtime sessions that answer questions about a model and print nothing: what goes wrong is thrown, not logged.</summary>
internal static class QuietRuntime
{
    private static readonly Lazy<bool> Environment = new(QuietenEnvironment);

    /// <summary>A session on a model, run as written: no optimisation that would hide or rename a value.</summary>
    /// <param name="model">The model.</param>
    /// <param name="threads">Threads that a run may use.</param>
    /// <param name="fold">Whether the runtime computes what is constant beforehand, which tells it shapes that depend on it.</param>
    public static InferenceSession Open(ModelProto model, int threads = 1, bool fold = false)
    {
        _ = Environment.Value;
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = fold ? GraphOptimizationLevel.ORT_ENABLE_BASIC : GraphOptimizationLevel.ORT_DISABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            EnableCpuMemArena = false,
        };
        // Packed copies of the weights pay only for sessions that run often.
        options.AddSessionConfigEntry("session.disable_prepacking", "1");
        return new InferenceSession(model.ToByteArray(), options);
    }

    private static bool QuietenEnvironment()
    {
        // The environment is one for the whole process and logs before any session exists. It is made quiet only when nobody else has
        // made it: an application that set it up keeps what it chose.
        if (OrtEnv.IsCreated)
            return false;
        var options = new EnvironmentCreationOptions { logId = "OrtAdaMomentum", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        try
        {
            _ = OrtEnv.CreateInstanceWithOptions(ref options);
        }
        catch (OnnxRuntimeException)
        {
            // Another thread was first.
            return false;
        }

        return true;
    }
}
