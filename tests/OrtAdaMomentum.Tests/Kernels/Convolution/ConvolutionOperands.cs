using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Kernels.Convolution;

namespace OrtAdaMomentum.Tests.Kernels.Convolution;

/// <summary>Random operands of a convolution and of its gradients.</summary>
internal sealed unsafe class ConvolutionOperands(ConvolutionShape shape)
{
    public delegate void Kernel(float* input, float* filter, float* bias, float* gradient, float* result, Scratch scratch);

    public float[] Input { get; } = KernelAssert.Random(shape.Batch * shape.InputChannels * shape.InputPlane, 1);

    public float[] Filter { get; } = KernelAssert.Random(shape.OutputChannels * shape.GroupInputs * shape.Taps, 2);

    public float[] Bias { get; } = KernelAssert.Random(shape.OutputChannels, 3);

    public float[] Gradient { get; } = KernelAssert.Random(shape.Batch * shape.OutputChannels * shape.OutputPlane, 4);

    /// <summary>What a kernel writes over a result that holds no numbers.</summary>
    public float[] Run(int length, Kernel kernel)
    {
        float[] result = new float[length];
        Array.Fill(result, float.NaN);
        using Scratch scratch = new();
        fixed (float* x = Input, w = Filter, b = Bias, g = Gradient, r = result)
            kernel(x, w, b, g, r, scratch);
        return result;
    }
}
