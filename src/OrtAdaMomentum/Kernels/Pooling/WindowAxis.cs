namespace OrtAdaMomentum.Kernels.Pooling;

/// <summary>How windows move along one axis.</summary>
internal struct WindowAxis
{
    /// <summary>Elements of the input.</summary>
    public nint Elements;

    /// <summary>Number of windows.</summary>
    public nint Windows;

    /// <summary>Taps of a window.</summary>
    public nint Taps;

    /// <summary>Distance between neighbouring windows.</summary>
    public nint Stride;

    /// <summary>Distance between neighbouring taps.</summary>
    public nint Dilation;

    /// <summary>Padding before the input.</summary>
    public nint Before;

    /// <summary>Padding after the input.</summary>
    public nint After;

    /// <summary>How many windows fit; none where not even the first does.</summary>
    public readonly nint Fitting => Math.Max(0, Before + Elements + After - ((Taps - 1) * Dilation) - 1 + Stride) / Stride;

    /// <summary>Where a tap of a window is; outside of the input it lies on padding.</summary>
    public readonly nint Place(nint window, nint tap) => (window * Stride) - Before + (tap * Dilation);

    /// <summary>Whether a place is in the input.</summary>
    public readonly bool IsInside(nint place) => place >= 0 && place < Elements;

    /// <summary>The windows whose tap is in the input: the first, and the one behind the last.</summary>
    public readonly (nint From, nint To) WindowsInside(nint tap)
    {
        nint outside = Before - (tap * Dilation);
        nint from = outside <= 0 ? 0 : (outside + Stride - 1) / Stride;
        nint to = outside + Elements <= 0 ? 0 : Math.Min(Windows, (outside + Elements + Stride - 1) / Stride);
        return (from, Math.Max(from, to));
    }

    /// <summary>The first tap of a window that is in the input; -1 where none is.</summary>
    public readonly nint FirstTapInside(nint window)
    {
        for (nint tap = 0; tap < Taps; tap++)
        {
            if (IsInside(Place(window, tap)))
                return tap;
        }

        return -1;
    }

    /// <summary>How many taps of a window are in the input.</summary>
    public readonly nint TapsInside(nint window)
    {
        nint count = 0;
        for (nint tap = 0; tap < Taps; tap++)
            count += IsInside(Place(window, tap)) ? 1 : 0;
        return count;
    }
}
