using OrtAdaMomentum.Kernels.Pooling;

namespace OrtAdaMomentum.Tests.Kernels.Pooling;

/// <summary>Windows over planes, element by element.</summary>
/// <param name="Planes">Number of planes.</param>
/// <param name="Rows">Windows from top to bottom.</param>
/// <param name="Columns">Windows from left to right.</param>
internal sealed record PoolingReference(int Planes, WindowAxis Rows, WindowAxis Columns)
{
    public int Elements => (int)(Rows.Elements * Columns.Elements);

    public int Windows => (int)(Rows.Windows * Columns.Windows);

    /// <summary>An axis with as many windows as fit.</summary>
    public static WindowAxis Axis(int elements, int taps, int stride, int dilation, int before, int after) => new()
    {
        Elements = elements, Taps = taps, Stride = stride, Dilation = dilation, Before = before, After = after,
        Windows = ((elements + before + after - (dilation * (taps - 1)) - 1) / stride) + 1,
    };

    /// <summary>The places in its plane that a window takes in, in their order.</summary>
    public IEnumerable<int> Inside(int window)
    {
        int top = (window / (int)Columns.Windows * (int)Rows.Stride) - (int)Rows.Before;
        int left = (window % (int)Columns.Windows * (int)Columns.Stride) - (int)Columns.Before;
        for (int tapRow = 0; tapRow < Rows.Taps; tapRow++)
        {
            for (int tapColumn = 0; tapColumn < Columns.Taps; tapColumn++)
            {
                int row = top + (tapRow * (int)Rows.Dilation), column = left + (tapColumn * (int)Columns.Dilation);
                if (row >= 0 && row < Rows.Elements && column >= 0 && column < Columns.Elements)
                    yield return (row * (int)Columns.Elements) + column;
            }
        }
    }

    /// <summary>The first of the greatest elements of each window, counted through all planes.</summary>
    public long[] Places(float[] x) =>
        [.. from plane in Enumerable.Range(0, Planes)
            from window in Enumerable.Range(0, Windows)
            select Inside(window).Select(place => ((long)plane * Elements) + place).MaxBy(place => x[place])];
}
