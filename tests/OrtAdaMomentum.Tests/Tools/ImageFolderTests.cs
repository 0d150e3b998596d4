using System.Buffers.Binary;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Tests.Training.Data;
using OrtAdaMomentum.Tools.Data;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Tools;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Classes_are_numbered_in_the_order_of_their_names_and_images_are_planes_from_0_to_1()
    {
        Save("b/1.bmp", 2, 1, (255, 0, 51), (0, 255, 51));
        Save("B/1.bmp", 2, 1, (0, 0, 0), (0, 0, 0));
        Save("a/1.bmp", 2, 1, (255, 255, 255), (255, 255, 255));
        var data = Open(Schemas.Classifier(3, 3, 1, 2));

        Assert.Equal([0L, 1L, 2L], data.Values<long>("labels"));
        Assert.Equal([0f, 0, 0, 0, 0, 0], data.Values<float>("x", 0));
        Assert.Equal([1f, 1, 1, 1, 1, 1], data.Values<float>("x", 1));
        Assert.Equal([1f, 0, 0, 1, 0.2f, 0.2f], data.Values<float>("x", 2));
    }

    [Fact]
    public void Images_become_grey_for_a_model_of_one_channel()
    {
        Save("a/1.bmp", 1, 1, (90, 90, 90));
        Assert.Equal(90 / 255f, Open(Schemas.Classifier(1, 1, 1, 1)).Values<float>("x").Single(), 2 / 255f);
    }

    [Fact]
    public void Resizing_keeps_plain_areas_and_averages_what_is_made_smaller()
    {
        byte[] source = [.. Enumerable.Repeat((byte)200, 30)];
        byte[] larger = new byte[7 * 11];
        ImageResize.ToPlanes(source, 5, 6, 1, larger, 7, 11);
        Assert.All(larger, value => Assert.Equal(200, value));

        byte[] stripes = [.. Enumerable.Range(0, 64).Select(index => (byte)(index % 2 == 0 ? 255 : 0))];
        byte[] smaller = new byte[4];
        ImageResize.ToPlanes(stripes, 8, 8, 1, smaller, 2, 2);
        // The weights of the first result are 5, 7, 7, 5, 3 and 1; those at even places make up 15 of 28.
        Assert.Equal([137, 118, 137, 118], smaller);
    }

    [Fact]
    public void Enlarging_interpolates_between_the_centres_of_pixels()
    {
        byte[] result = new byte[4];
        ImageResize.ToPlanes([0, 100], 2, 1, 1, result, 4, 1);
        Assert.Equal([0, 25, 75, 100], result);
    }

    [Fact]
    public void What_is_no_usable_image_is_refused_by_name()
    {
        Save("a/1.bmp", 1, 1, (0, 0, 0));
        Directory.CreateDirectory(_folder.File("b"));
        Assert.Contains("holds no images", Refused().Message, StringComparison.Ordinal);
        File.WriteAllText(_folder.File("b/2.png"), "text");
        Assert.Contains("2.png", Refused().Message, StringComparison.Ordinal);
        Save("b/2.png", 100_000, 100_000, (0, 0, 0));
        Assert.Contains("pixels; the limit is", Refused().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Models_that_take_no_images_are_refused()
    {
        Save("a/1.bmp", 1, 1, (0, 0, 0));
        Assert.Contains("[batch, channels, height, width]", Assert.Throws<DatasetException>(() => Open(Schemas.Classifier(2, 4))).Message, StringComparison.Ordinal);
        Assert.Contains("not a class index", Assert.Throws<DatasetException>(() => Open(Schemas.Regression(1, 1, 1))).Message, StringComparison.Ordinal);
        Save("b/1.bmp", 1, 1, (0, 0, 0));
        Assert.Contains("class 1", Assert.Throws<DatasetException>(() => Open(Schemas.Classifier(1, 1, 1, 1))).Message, StringComparison.Ordinal);
    }

    private DatasetException Refused() => Assert.Throws<DatasetException>(() => Open(Schemas.Classifier(2, 1, 1, 1)));

    private IDataset Open(DatasetSchema schema) => DatasetSource.Open(_folder.Path, schema, DatasetReadOptions.Default);

    // An uncompressed 24-bit bitmap: rows from bottom to top, padded to 4 bytes. Without a value for every pixel it is a header alone.
    private void Save(string name, int width, int height, params (byte Red, byte Green, byte Blue)[] pixels)
    {
        byte[] header = new byte[54];
        "BM"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(10), header.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(22), height);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(26), 1);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(28), 24);
        List<byte> bytes = [.. header];
        foreach (var row in pixels.Chunk(width).Where(row => row.Length == width).Reverse())
        {
            bytes.AddRange(row.SelectMany(static pixel => new[] { pixel.Blue, pixel.Green, pixel.Red }));
            bytes.AddRange(new byte[width % 4]);
        }

        string path = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, [.. bytes]);
    }
}
