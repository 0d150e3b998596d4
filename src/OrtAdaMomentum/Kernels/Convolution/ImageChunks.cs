namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>How many images are prepared at once: few enough to stay in the caches, and to take little memory.</summary>
internal static class ImageChunks
{
    private const nint MostFloats = 512 * 1024;

    /// <summary>Images of a chunk.</summary>
    /// <param name="imageLength">Floats prepared for an image.</param>
    /// <param name="batch">Number of images, more than 0.</param>
    public static int Images(nint imageLength, int batch) => (int)Math.Clamp(MostFloats / Math.Max(1, imageLength), 1, batch);
}
