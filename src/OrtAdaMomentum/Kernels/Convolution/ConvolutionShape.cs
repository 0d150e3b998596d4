namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>
/// Extents of a convolution over planes: input [batch, input channels, height, width], filter [output channels, input channels / groups,
/// kernel height, kernel width], output [batch, output channels, height, width]. Over one axis the height is 1.
/// </summary>
internal struct ConvolutionShape
{
    /// <summary>Below so many channels, registers that hold channels stay mostly empty.</summary>
    public const int FewChannels = 16;

    public int Batch;
    public int InputChannels;
    public int OutputChannels;
    public int Groups;
    public int InputHeight;
    public int InputWidth;
    public int KernelHeight;
    public int KernelWidth;
    public int StrideHeight;
    public int StrideWidth;
    public int DilationHeight;
    public int DilationWidth;
    public int PadTop;
    public int PadLeft;
    public int PadBottom;
    public int PadRight;

    /// <summary>Rows of the output.</summary>
    public readonly int OutputHeight =>
        Outputs(InputHeight + PadTop + PadBottom, KernelHeight, StrideHeight, DilationHeight);

    /// <summary>Columns of the output.</summary>
    public readonly int OutputWidth =>
        Outputs(InputWidth + PadLeft + PadRight, KernelWidth, StrideWidth, DilationWidth);

    /// <summary>Input channels of a group.</summary>
    public readonly int GroupInputs => InputChannels / Groups;

    /// <summary>Output channels of a group.</summary>
    public readonly int GroupOutputs => OutputChannels / Groups;

    /// <summary>Taps of the filter in a channel.</summary>
    public readonly int Taps => KernelHeight * KernelWidth;

    /// <summary>Elements of an input channel.</summary>
    public readonly int InputPlane => InputHeight * InputWidth;

    /// <summary>Elements of an output channel.</summary>
    public readonly int OutputPlane => OutputHeight * OutputWidth;

    /// <summary>Whether input and output of a group have channels enough to fill registers.</summary>
    public readonly bool HasManyChannels => GroupInputs >= FewChannels && GroupOutputs >= FewChannels;

    /// <summary>Whether each window is one element, and each element one window.</summary>
    public readonly bool IsPointwise => this is
    {
        Taps: 1, StrideHeight: 1, StrideWidth: 1, PadTop: 0, PadLeft: 0, PadBottom: 0, PadRight: 0,
    };

    private static int Outputs(int padded, int kernel, int stride, int dilation)
    {
        int reach = (dilation * (kernel - 1)) + 1;
        return padded < reach ? 0 : ((padded - reach) / stride) + 1;
    }
}
