using OrtAdaMomentum.Kernels.Convolution;

namespace OrtAdaMomentum.Tests.Kernels.Convolution;

/// <summary>Convolution as it is defined, in double: each product once, whatever is asked for.</summary>
internal static class ConvolutionReference
{
    public static double[] Output(ConvolutionShape shape, float[] input, float[] filter, float[] bias)
    {
        double[] output = new double[shape.Batch * shape.OutputChannels * shape.OutputPlane];
        for (int i = 0; i < output.Length; i++)
            output[i] = bias[i / shape.OutputPlane % shape.OutputChannels];
        Visit(shape, (x, w, y) => output[y] += (double)input[x] * filter[w]);
        return output;
    }

    public static double[] InputGradient(ConvolutionShape shape, float[] outputGradient, float[] filter)
    {
        double[] gradient = new double[shape.Batch * shape.InputChannels * shape.InputPlane];
        Visit(shape, (x, w, y) => gradient[x] += (double)outputGradient[y] * filter[w]);
        return gradient;
    }

    public static double[] FilterGradient(ConvolutionShape shape, float[] input, float[] outputGradient)
    {
        double[] gradient = new double[shape.OutputChannels * shape.GroupInputs * shape.Taps];
        Visit(shape, (x, w, y) => gradient[w] += (double)outputGradient[y] * input[x]);
        return gradient;
    }

    private static void Visit(ConvolutionShape shape, Action<int, int, int> product)
    {
        for (int image = 0; image < shape.Batch; image++)
        {
            for (int output = 0; output < shape.OutputChannels; output++)
            {
                for (int place = 0; place < shape.OutputPlane; place++)
                {
                    for (int step = 0; step < shape.GroupInputs * shape.Taps; step++)
                    {
                        int channel = step / shape.Taps, tap = step % shape.Taps;
                        int row = (place / shape.OutputWidth * shape.StrideHeight) - shape.PadTop + (tap / shape.KernelWidth * shape.DilationHeight);
                        int column = (place % shape.OutputWidth * shape.StrideWidth) - shape.PadLeft + (tap % shape.KernelWidth * shape.DilationWidth);
                        if (row < 0 || row >= shape.InputHeight || column < 0 || column >= shape.InputWidth)
                            continue;
                        int input = (image * shape.InputChannels) + (output / shape.GroupOutputs * shape.GroupInputs) + channel;
                        product(
                            (input * shape.InputPlane) + (row * shape.InputWidth) + column,
                            (output * shape.GroupInputs * shape.Taps) + step,
                            (((image * shape.OutputChannels) + output) * shape.OutputPlane) + place);
                    }
                }
            }
        }
    }
}
