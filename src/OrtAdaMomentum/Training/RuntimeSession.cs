using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Kernels.Runtime;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Training;

/// <summary>Opens ONNX Runtime sessions for training and evaluation.</summary>
internal static class RuntimeSession
{
    /// <summary>Whether kernels are wanted and can be run.</summary>
    public static bool TakesKernels(FineTuningOptions options) =>
        options.Kernels == KernelUse.On && options.Provider.RunsOnProcessor && FusedMultiplyAdd.IsCompiledIn && KernelDomain.IsThere;

    /// <summary>Opens a session that runs kernels in the place of ordinary nodes, where that is wanted and can be.</summary>
    public static InferenceSession OpenTraining(ReadOnlyMemory<byte> model, FineTuningOptions options) =>
        TakesKernels(options) ? Open(KernelSubstitution.Apply(model, KernelRegistry.Wins), options, KernelDomain.AddTo) : Open(model, options);

    public static InferenceSession Open(ReadOnlyMemory<byte> model, FineTuningOptions options, Action<SessionOptions>? configure = null)
    {
        using var sessionOptions = CreateOptions(options);
        configure?.Invoke(sessionOptions);
        try
        {
            return new InferenceSession(model.ToArray(), sessionOptions);
        }
        catch (OnnxRuntimeException problem)
        {
            throw new FineTuningException($"ONNX Runtime does not take the generated model: {problem.Message}", problem);
        }
    }

    /// <summary>How sessions compute, on the stock runtime and on the official one.</summary>
    public static SessionOptions CreateOptions(FineTuningOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads, nameof(FineTuningOptions.Threads));
        var sessionOptions = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            IntraOpNumThreads = options.Threads,
            // A plan of the memory for one shape of batch takes a block for everything at once, beside what the first step has taken.
            EnableMemoryPattern = false,
        };
        // Workers that go on spinning after a run would take the cores from the optimizer's step and from a second session.
        sessionOptions.AddSessionConfigEntry("session.force_spinning_stop", "1");
        options.RunOn?.AddTo(sessionOptions);
        options.Provider.Configure(sessionOptions);
        return sessionOptions;
    }
}
