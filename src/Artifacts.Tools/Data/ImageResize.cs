namespace OrtAdaMomentum.Tools.Data;

/// <summary>
/// Resizes images with a triangle filter: bilinear interpolation when enlarging; when reducing, the filter is as wide as the pixels that one
/// result stands for, so that thin lines do not vanish.
/// </summary>
internal static class ImageResize
{
    /// <summary>From interleaved pixels (height × width × channels) to planes (channels × new height × new width).</summary>
    public static void ToPlanes(
        ReadOnlySpan<byte> source, int width, int height, int channels, Span<byte> destination, int newWidth, int newHeight)
    {
        var columns = Filter(width, newWidth);
        var rows = Filter(height, newHeight);
        float[] narrowed = new float[height * newWidth];
        for (int channel = 0; channel < channels; channel++)
        {
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < newWidth; x++)
                {
                    float sum = 0;
                    (int start, float[] weights) = columns[x];
                    for (int tap = 0; tap < weights.Length; tap++)
                        sum += weights[tap] * source[((y * width) + start + tap) * channels + channel];
                    narrowed[(y * newWidth) + x] = sum;
                }
            }

            var plane = destination.Slice(channel * newWidth * newHeight, newWidth * newHeight);
            for (int y = 0; y < newHeight; y++)
            {
                (int start, float[] weights) = rows[y];
                for (int x = 0; x < newWidth; x++)
                {
                    float sum = 0;
                    for (int tap = 0; tap < weights.Length; tap++)
                        sum += weights[tap] * narrowed[((start + tap) * newWidth) + x];
                    plane[(y * newWidth) + x] = (byte)Math.Clamp(MathF.Round(sum), 0, byte.MaxValue);
                }
            }
        }
    }

    // For each result: the first source element that counts, and the weights from there on, which sum to 1.
    private static (int Start, float[] Weights)[] Filter(int length, int newLength)
    {
        var taps = new (int Start, float[] Weights)[newLength];
        double scale = (double)length / newLength;
        double support = Math.Max(1, scale);
        for (int result = 0; result < newLength; result++)
        {
            double centre = (result + 0.5) * scale;
            int start = Math.Max(0, (int)Math.Floor(centre - support));
            int end = Math.Min(length, (int)Math.Ceiling(centre + support));
            double[] weights = new double[end - start];
            for (int index = 0; index < weights.Length; index++)
                weights[index] = Math.Max(0, 1 - (Math.Abs(start + index + 0.5 - centre) / support));
            double sum = weights.Sum();
            taps[result] = (start, [.. weights.Select(weight => (float)(weight / sum))]);
        }

        return taps;
    }
}
