using Microsoft.ML.OnnxRuntime;

namespace OrtAdaMomentum.Training;

/// <summary>What ONNX Runtime computes on.</summary>
public abstract record ExecutionProvider
{
    /// <summary>The processor.</summary>
    public static ExecutionProvider Cpu { get; } = new CpuProvider();

    /// <summary>An NVIDIA GPU.</summary>
    /// <param name="deviceId">Number of the device, from 0.</param>
    public static ExecutionProvider Cuda(int deviceId = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(deviceId);
        return new CudaProvider(deviceId);
    }

    /// <summary>Whether values lie in the memory of the processor, where kernels written in C# can read them.</summary>
    internal virtual bool RunsOnProcessor => false;

    internal abstract void Configure(SessionOptions options);

    private sealed record CpuProvider : ExecutionProvider
    {
        internal override bool RunsOnProcessor => true;

        internal override void Configure(SessionOptions options)
        {
        }
    }

    private sealed record CudaProvider(int DeviceId) : ExecutionProvider
    {
        internal override void Configure(SessionOptions options)
        {
            if (!OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
            {
                throw new FineTuningException(
                    "The CUDA execution provider is not in the ONNX Runtime library that this application was built with. "
                    + "Build with -p:OrtPackage=Gpu, which takes the package Microsoft.ML.OnnxRuntime.Gpu in place of Microsoft.ML.OnnxRuntime, "
                    + "on a machine with an NVIDIA driver, CUDA and cuDNN; or use the Cpu provider.");
            }

            try
            {
                options.AppendExecutionProvider_CUDA(DeviceId);
            }
            catch (OnnxRuntimeException problem)
            {
                throw new FineTuningException($"The CUDA execution provider could not be used on device {DeviceId}: {problem.Message}", problem);
            }
        }
    }
}
