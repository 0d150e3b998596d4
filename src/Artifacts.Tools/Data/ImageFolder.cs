using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Training.Data;
using StbImageSharp;

namespace OrtAdaMomentum.Tools.Data;

/// <summary>
/// A folder with one folder of images per class. Classes are numbered in the ordinal order of their folders' names. Images are resized to
/// the model's input (channels × height × width) and given as 0 to 1.
/// </summary>
internal static class ImageFolder
{
    private const long LargestFile = 64L << 20;
    private const long MostPixels = 64L << 20;

    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".bmp"];

    public static FittedDataset Load(string folder, DatasetSchema schema, DatasetReadOptions options)
    {
        (int channels, int height, int width) = Geometry(schema);
        string[] classes = [.. Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)];
        var files = classes.SelectMany((path, label) => Images(path).Select(file => (File: file, Label: (long)label))).ToArray();
        string[] empty = [.. classes.Where(static path => !Images(path).Any())];
        if (empty.Length > 0)
            throw new DatasetException($"The folder '{empty[0]}' holds no images ({string.Join(", ", Extensions)}).");

        long imageBytes = (long)channels * height * width;
        long total = imageBytes * files.Length;
        if (total > Math.Min(options.MaxBytes, Array.MaxLength))
            throw new DatasetException($"'{folder}' takes {total} bytes in memory; the limit is {Math.Min(options.MaxBytes, Array.MaxLength)}.");
        byte[] pixels = new byte[total];
        for (int index = 0; index < files.Length; index++)
        {
            var image = Decode(files[index].File, channels);
            ImageResize.ToPlanes(
                image.Data, image.Width, image.Height, channels, pixels.AsSpan((int)(index * imageBytes), (int)imageBytes), width, height);
        }

        var dataset = new TensorDataset(files.Length)
            .Add(new DatasetColumn(schema.Inputs[0].Name, ElementType.UInt8, [channels, height, width]), pixels)
            .Add(schema.Target.Name, [.. files.Select(static file => file.Label)]);
        return FittedDataset.Create(dataset, schema, options with { ScaleBytes = true }, $"'{folder}'");
    }

    private static (int Channels, int Height, int Width) Geometry(DatasetSchema schema)
    {
        if (schema.TargetKind != TargetKind.ClassIndex)
            throw new DatasetException($"A folder of images gives classes, but the model's target '{schema.Target}' is not a class index.");
        var input = schema.SingleInput("An image folder's");
        if (input.Shape is [_, var channels, var height, var width] && channels.IsStatic && height.IsStatic && width.IsStatic
            && channels.Extent is 1 or 3 or 4 && height.Extent is > 0 and <= 1 << 14 && width.Extent is > 0 and <= 1 << 14
            && input.ElementType.IsFloatingPoint())
        {
            return ((int)channels.Extent, (int)height.Extent, (int)width.Extent);
        }

        throw new DatasetException(Describe(input));
    }

    private static string Describe(TensorInfo input) =>
        $"Images fit an input of floating point numbers [batch, channels, height, width] with 1, 3 or 4 channels and fixed sizes; the model takes {input}.";

    private static IEnumerable<string> Images(string folder) => Directory.EnumerateFiles(folder)
        .Where(static path => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
        .Order(StringComparer.Ordinal);

    private static ImageResult Decode(string path, int channels)
    {
        byte[] bytes = new FileInfo(path).Length <= LargestFile
            ? File.ReadAllBytes(path)
            : throw new DatasetException($"'{path}' is larger than {LargestFile} bytes.");
        try
        {
            // The size is read first: a small file may announce an enormous picture.
            using var stream = new MemoryStream(bytes);
            var info = ImageInfo.FromStream(stream) ?? throw new DatasetException($"'{path}' is not an image of a known format.");
            if ((long)info.Width * info.Height > MostPixels)
                throw new DatasetException($"'{path}' has {info.Width} × {info.Height} pixels; the limit is {MostPixels} in all.");
            return ImageResult.FromMemory(bytes, channels switch
            {
                1 => ColorComponents.Grey,
                3 => ColorComponents.RedGreenBlue,
                _ => ColorComponents.RedGreenBlueAlpha,
            });
        }
        // The decoder reports damage by exceptions of many types.
        catch (Exception error) when (error is not DatasetException)
        {
            throw new DatasetException($"'{path}' is damaged: {error.Message}", error);
        }
    }
}
