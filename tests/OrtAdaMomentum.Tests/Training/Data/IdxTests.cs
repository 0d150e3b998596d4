using System.Buffers.Binary;
using System.IO.Compression;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Training.Data;

public sealed class IdxTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Images => _folder.File("a-images-idx3-ubyte");

    private string Labels => _folder.File("a-labels-idx1-ubyte");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_pair_gives_samples_and_labels_however_it_is_named()
    {
        Write(Images, Idx(0x08, [2, 2, 2], [0, 51, 102, 255, 1, 2, 3, 4]));
        Write(Labels, Idx(0x08, [2], [9, 3]));
        foreach (string path in new[] { $"{Images},{Labels}", Images, _folder.Path })
        {
            var data = DatasetFile.Open(path, Schemas.Classifier(10, 1, 2, 2), new DatasetReadOptions { ScaleBytes = true });
            Assert.Equal([1, 2, 2], data.Columns[0].SampleShape);
            Assert.Equal([0f, 0.2f, 0.4f, 1f], data.Values<float>("x", 0));
            Assert.Equal([9L, 3L], data.Values<long>("labels"));
        }
    }

    [Fact]
    public void Bytes_keep_their_values_unless_scaling_is_asked_for()
    {
        Write(Images, Idx(0x08, [1, 1, 2], [7, 255]));
        Write(Labels, Idx(0x08, [1], [0]));
        Assert.Equal([7f, 255f], DatasetFile.Open(Images, Schemas.Classifier(10, 2)).Values<float>("x"));
    }

    [Fact]
    public void Compressed_files_and_larger_elements_are_read()
    {
        Write(Images + ".gz", Idx(0x0D, [2, 1], [0x3F, 0x80, 0, 0, 0xC0, 0, 0, 0]));
        Write(Labels + ".gz", Idx(0x0C, [2], [0, 0, 0, 1, 0, 0, 0, 0]));
        var data = DatasetFile.Open(_folder.Path, Schemas.Classifier(2, 1));
        Assert.Equal([1f, -2f], data.Values<float>("x"));
        Assert.Equal([1L, 0L], data.Values<long>("labels"));
    }

    [Fact]
    public void The_digits_of_the_repository_are_read()
    {
        var data = DatasetFile.Open(
            TestFiles.Model("optdigits-heldout-images-idx3-ubyte.gz"), Schemas.Classifier(10, 1, 28, 28), new DatasetReadOptions { ScaleBytes = true });
        Assert.Equal(597, data.Count);
        Assert.InRange(data.Values<float>("x").Max(), 0.9f, 1f);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0x0A, 1 }, "not an IDX file")]
    [InlineData(new byte[] { 1, 0, 8, 1 }, "not an IDX file: it begins with 01000801")]
    [InlineData(new byte[] { 0, 0, 8, 0 }, "not an IDX file")]
    [InlineData(new byte[] { 0, 0, 8 }, "truncated")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0 }, "truncated")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 3, 1, 2 }, "truncated")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0x7F, 0xFF, 0xFF, 0xC0, 1 }, "truncated")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 1, 1, 2 }, "more data")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 0 }, "elements")]
    [InlineData(new byte[] { 0, 0, 8, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, "elements")]
    public void A_file_that_cannot_be_used_is_refused_compressed_or_not(byte[] content, string reason)
    {
        Write(Labels, Idx(0x08, [1], [0]));
        Write(Labels + ".gz", Idx(0x08, [1], [0]));
        foreach (string images in new[] { Images, Images + ".gz" })
        {
            Write(images, content);
            string message = Assert.Throws<DatasetException>(() => DatasetFile.Open(images, Schemas.Classifier(10, 1))).Message;
            Assert.Contains(reason, message, StringComparison.Ordinal);
            Assert.Contains(images, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_compressed_file_beyond_the_limit_is_refused()
    {
        Write(Images + ".gz", Idx(0x08, [1000, 1000], new byte[1_000_000]));
        Write(Labels + ".gz", Idx(0x08, [1000], new byte[1000]));
        var limit = new DatasetReadOptions { MaxBytes = 999_999 };
        string message = Assert.Throws<DatasetException>(() => DatasetFile.Open(Images + ".gz", Schemas.Classifier(10, 1000), limit)).Message;
        Assert.Contains("the limit is 999999", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_gzip_file_is_refused()
    {
        File.WriteAllText(Images + ".gz", "plain text");
        Write(Labels + ".gz", Idx(0x08, [1], [0]));
        Assert.Throws<DatasetException>(() => DatasetFile.Open(Images + ".gz", Schemas.Classifier(10, 1)));
    }

    [Fact]
    public void Files_of_unequal_length_and_folders_with_two_pairs_are_refused()
    {
        Write(Images, Idx(0x08, [2, 1], [1, 2]));
        Write(Labels, Idx(0x08, [3], [1, 2, 3]));
        Assert.Contains("2 samples", Refused(Images).Message, StringComparison.Ordinal);
        Write(_folder.File("b-images-idx3-ubyte"), Idx(0x08, [2, 1], [1, 2]));
        Assert.Contains("2 of images and 1 of labels", Refused(_folder.Path).Message, StringComparison.Ordinal);
    }

    private static DatasetException Refused(string path) =>
        Assert.Throws<DatasetException>(() => DatasetFile.Open(path, Schemas.Classifier(10, 1)));

    private static byte[] Idx(byte type, int[] shape, byte[] data)
    {
        byte[] bytes = new byte[4 + (4 * shape.Length)];
        bytes[2] = type;
        bytes[3] = (byte)shape.Length;
        for (int axis = 0; axis < shape.Length; axis++)
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 + (4 * axis)), shape[axis]);
        return [.. bytes, .. data];
    }

    private static void Write(string path, byte[] content)
    {
        using var file = File.Create(path);
        if (path.EndsWith(".gz", StringComparison.Ordinal))
        {
            using var compressed = new GZipStream(file, CompressionLevel.Optimal);
            compressed.Write(content);
        }
        else
        {
            file.Write(content);
        }
    }
}
