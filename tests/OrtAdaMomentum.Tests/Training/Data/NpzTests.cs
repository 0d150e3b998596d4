using System.IO.Compression;
using System.Text;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Training.Data;

public sealed class NpzTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Archive => _folder.File("data.npz");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_back()
    {
        NpzFile.Write(Archive, new Dictionary<string, NpyArray>
        {
            ["layer/weight:0"] = NpyArray.Create([1f, -2f, 3.5f, 0, 5, 6], 2, 3),
            ["labels"] = NpyArray.Create([7L, long.MinValue], 2),
            ["loss"] = NpyArray.Create([0.25f]),
        });

        var arrays = NpzFile.Read(Archive);

        Assert.Equal(["labels", "layer/weight:0", "loss"], arrays.Keys.Order());
        Assert.Equal([2, 3], arrays["layer/weight:0"].Shape);
        Assert.Equal(NpyArray.Create([1f, -2f, 3.5f, 0, 5, 6], 2, 3).Data, arrays["layer/weight:0"].Data.ToArray());
        Assert.Empty(arrays["loss"].Shape);
        Assert.Equal(ElementType.Int64, arrays["labels"].ElementType);
    }

    [Fact]
    public void A_written_array_has_the_bytes_that_NumPy_writes()
    {
        NpzFile.Write(Archive, [new("x", NpyArray.Create([1f, 2f, 3f], 3))]);
        using var archive = ZipFile.OpenRead(Archive);
        using var stream = new MemoryStream();
        using (var entry = archive.GetEntry("x.npy")!.Open())
            entry.CopyTo(stream);

        string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }".PadRight(117) + "\n";
        byte[] expected = [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(header), 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40];
        Assert.Equal(expected, stream.ToArray());
    }

    [Theory]
    [InlineData("<f4", ElementType.Float)]
    [InlineData("<f8", ElementType.Double)]
    [InlineData("<f2", ElementType.Float16)]
    [InlineData("<i8", ElementType.Int64)]
    [InlineData("<i4", ElementType.Int32)]
    [InlineData("<i2", ElementType.Int16)]
    [InlineData("|i1", ElementType.Int8)]
    [InlineData("|u1", ElementType.UInt8)]
    [InlineData("|b1", ElementType.Bool)]
    public void Every_number_type_is_read_in_every_version_of_the_format(string descr, ElementType type)
    {
        foreach (byte version in new byte[] { 1, 2, 3 })
        {
            Store(("x", Npy($"{{'descr': '{descr}', 'fortran_order': False, 'shape': (2,), }}", new byte[2 * type.SizeInBytes()], version)));
            var array = NpzFile.Read(Archive)["x"];
            Assert.Equal(type, array.ElementType);
            Assert.Equal([2], array.Shape);
        }
    }

    [Fact]
    public void Big_endian_elements_are_turned_round()
    {
        Store(("x", Npy("{'descr': '>i4', 'fortran_order': False, 'shape': (1,)}", [0, 0, 1, 2])));
        Assert.Equal([2, 1, 0, 0], NpzFile.Read(Archive)["x"].Data.ToArray());
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", "Fortran order")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (4,), }", "'|O'")]
    [InlineData("{'descr': '<U8', 'fortran_order': False, 'shape': (4,), }", "'<U8'")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4,), }", "several fields")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, }", "malformed")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), 'more': 1}", "malformed")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (4,)}", "malformed")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-4,)}", "malformed")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4,)} __import__('os')", "malformed")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "malformed")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4294967296, 4294967296)}", "elements")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", "elements")]
    [InlineData("", "malformed")]
    public void A_header_that_cannot_be_used_is_refused(string header, string reason)
    {
        Store(("x", Npy(header, new byte[16])));
        Assert.Contains(reason, Refused().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_array_is_refused_before_memory_is_taken()
    {
        Store(("x", Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (400000000,)}", new byte[16])));
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Assert.Contains("truncated", Refused().Message, StringComparison.Ordinal);
        Assert.True(GC.GetTotalAllocatedBytes(precise: true) - before < 100_000_000);
    }

    [Fact]
    public void Bytes_after_the_array_are_refused()
    {
        Store(("x", Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", new byte[16])));
        Assert.Contains("more data", Refused().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_that_unfolds_beyond_the_limit_is_refused()
    {
        NpzFile.Write(Archive, [new("x", NpyArray.Create(new float[1_000_000], 1_000_000))]);
        Assert.True(new FileInfo(Archive).Length < 50_000);
        var error = Assert.Throws<DatasetException>(() => NpzFile.Read(Archive, options: new DatasetReadOptions { MaxBytes = 3_999_999 }));
        Assert.Contains("the limit is 3999999", error.Message, StringComparison.Ordinal);
        Assert.Equal(4_000_000, NpzFile.Read(Archive, options: new DatasetReadOptions { MaxBytes = 4_000_000 })["x"].Data.Length);
    }

    [Fact]
    public void The_limit_counts_all_arrays_together()
    {
        NpzFile.Write(Archive, [new("a", NpyArray.Create(new float[10], 10)), new("b", NpyArray.Create(new float[10], 10))]);
        Assert.Throws<DatasetException>(() => NpzFile.Read(Archive, options: new DatasetReadOptions { MaxBytes = 79 }));
        Assert.Single(NpzFile.Read(Archive, ["b"], new DatasetReadOptions { MaxBytes = 79 }));
    }

    [Fact]
    public void A_file_cut_off_anywhere_is_refused()
    {
        NpzFile.Write(Archive, [new("x", NpyArray.Create(OrtRun.Random(100), 100))]);
        byte[] whole = File.ReadAllBytes(Archive);
        for (int length = 0; length < whole.Length; length += 7)
        {
            File.WriteAllBytes(Archive, whole[..length]);
            Refused();
        }
    }

    [Fact]
    public void A_changed_byte_in_an_array_is_noticed()
    {
        Store(("x", Npy("{'descr': '|u1', 'fortran_order': False, 'shape': (100,)}", new byte[100])));
        byte[] bytes = File.ReadAllBytes(Archive);
        int place = bytes.AsSpan().LastIndexOf(new byte[50]);
        bytes[place] = 1;
        File.WriteAllBytes(Archive, bytes);
        Assert.Contains("checksum", Refused().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_archive_or_is_missing_is_refused()
    {
        File.WriteAllText(Archive, "not a zip");
        Assert.Contains("not an .npz file", Refused().Message, StringComparison.Ordinal);
        File.Delete(Archive);
        Assert.Contains("there is no such file", Refused().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dataset_takes_the_inputs_and_the_target_by_name()
    {
        NpzFile.Write(Archive,
        [
            new("labels", NpyArray.Create(ElementType.Int32, [1, 0, 0, 0, 2, 0, 0, 0], 2)),
            new("unrelated", NpyArray.Create(new float[9], 9)),
            new("x", NpyArray.Create([1f, 2f, 3f, 4f], 2, 2)),
        ]);
        var data = DatasetFile.Open(Archive, Schemas.Classifier(3, 2));

        Assert.Equal(2, data.Count);
        Assert.Equal(["x", "labels"], data.Columns.Select(column => column.Name));
        Assert.Equal([3f, 4f], data.Values<float>("x", 1));
        Assert.Equal([1L, 2L], data.Values<long>("labels"));
    }

    [Fact]
    public void A_missing_array_is_named_together_with_those_there_are()
    {
        NpzFile.Write(Archive, [new("X", NpyArray.Create([1f, 2f], 1, 2)), new("labels", NpyArray.Create([0L], 1))]);
        string message = Assert.Throws<DatasetException>(() => DatasetFile.Open(Archive, Schemas.Classifier(3, 2))).Message;
        Assert.Contains("no array named 'x'", message, StringComparison.Ordinal);
        Assert.Contains("X, labels", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arrays_of_unequal_length_are_refused()
    {
        NpzFile.Write(Archive, [new("x", NpyArray.Create(new float[6], 3, 2)), new("labels", NpyArray.Create([0L], 1))]);
        string message = Assert.Throws<DatasetException>(() => DatasetFile.Open(Archive, Schemas.Classifier(3, 2))).Message;
        Assert.Contains("3 samples of 'x', but 1 of 'labels'", message, StringComparison.Ordinal);
    }

    private DatasetException Refused() => Assert.Throws<DatasetException>(() => NpzFile.Read(Archive));

    private void Store(params (string Name, byte[] Content)[] entries)
    {
        File.Delete(Archive);
        using var archive = ZipFile.Open(Archive, ZipArchiveMode.Create);
        foreach ((string name, byte[] content) in entries)
        {
            using var stream = archive.CreateEntry(name + ".npy", CompressionLevel.NoCompression).Open();
            stream.Write(content);
        }
    }

    private static byte[] Npy(string header, byte[] data, byte version = 1)
    {
        byte[] text = Encoding.ASCII.GetBytes(header);
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. data];
    }
}
