using System.Buffers.Binary;
using System.Text;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>Checkpoints that nobody should trust.</summary>
public sealed class HostileCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(-1)]
    public void Another_version_is_refused(int version)
    {
        byte[] bytes = Checkpoints.Full().ToBytes();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Root(bytes) + 4), version);
        Refused(bytes, $"version {version}, and only version 2");
    }

    [Fact]
    public void Another_format_is_refused()
    {
        byte[] bytes = Checkpoints.Full().ToBytes();
        "ORTM"u8.CopyTo(bytes.AsSpan(4));
        Refused(bytes, "'ODTC' at byte 4");
        Refused([], "'ODTC' at byte 4");
        Refused("OAMCKPT1 of this library"u8.ToArray(), "'ODTC' at byte 4");
    }

    [Fact]
    public void A_file_that_is_cut_off_is_refused_wherever_it_ends()
    {
        byte[] bytes = Checkpoints.Full().ToBytes();
        for (int length = 0; length < bytes.Length - 8; length++)
        {
            var error = Assert.ThrowsAny<FineTuningException>(() => OfficialCheckpoint.FromBytes(bytes.AsMemory(0, length), "cut.ckpt"));
            Assert.StartsWith("cut.ckpt: ", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_offset_beyond_the_end_is_refused_with_its_place()
    {
        byte[] bytes = Checkpoints.Full().ToBytes();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, uint.MaxValue);
        Refused(bytes, "the checkpoint lies outside of the file");
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 0);
        Refused(bytes, "the offset of the checkpoint, at byte 0, leads nowhere");
    }

    [Fact]
    public void A_list_longer_than_the_file_is_refused_before_anything_is_allocated()
    {
        byte[] bytes = Checkpoints.Full().ToBytes();
        int list = Follow(bytes, Follow(bytes, Root(bytes) + 8) + 4);
        Assert.Equal(3, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(list)));
        foreach (uint count in new uint[] { uint.MaxValue, 0x7fffffff, 0x40000000, (uint)bytes.Length })
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(list), count);
            Refused(bytes, $"the trainable parameters of the module's state has {count} entries");
        }
    }

    [Fact]
    public void Entries_that_lead_to_one_place_are_refused()
    {
        byte[] bytes = Checkpoints.Full().ToBytes();
        int list = Follow(bytes, Follow(bytes, Root(bytes) + 8) + 4);
        int first = Follow(bytes, list + 4);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(list + 8), (uint)(first - (list + 8)));
        Refused(bytes, "more than one parameter named 'net/fc.weight'");
    }

    [Fact]
    public void Tables_shared_without_end_are_refused_without_much_memory()
    {
        // A list that fills half of the file, whose entries are all one text that fills the other half.
        var checkpoint = new OfficialCheckpoint
        {
            FrozenParameters =
            [
                new OfficialTensor("words", ElementType.String, [20_000], ReadOnlyMemory<byte>.Empty)
                {
                    Strings = [.. Enumerable.Repeat(string.Empty, 19_999), new string('x', 100_000)],
                },
            ],
        };
        byte[] bytes = checkpoint.ToBytes();
        int last = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(new string('x', 1000))) - 4;
        int list = Follow(bytes, Follow(bytes, Root(bytes) + 8) + 8);
        int words = Follow(bytes, Follow(bytes, list + 4) + 20);
        Assert.Equal(20_000, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(words)));
        for (int place = words + 4; place < words + 4 + 80_000; place += 4)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(place), (uint)(last - place));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused(bytes, "offsets lead to the same places again and again");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20 * bytes.Length);
    }

    [Fact]
    public void A_shape_whose_size_overflows_is_refused()
    {
        byte[] bytes = Checkpoints.Full().ToBytes();
        int shape = bytes.AsSpan().IndexOf(new byte[] { 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0 });
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(shape), long.MaxValue);
        Refused(bytes, "more elements than can be counted");
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(shape), long.MaxValue / 4);
        Refused(bytes, "'net/fc.weight'");
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(shape), -2);
        Refused(bytes, "negative dimension -2");
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(shape), 3);
        Refused(bytes, "should have 36 bytes for Float[3, 3], but has 24");
    }

    [Fact]
    public void External_data_is_refused_without_a_path()
    {
        Checkpoints.FullExternal().Save(_folder.File("checkpoint"));
        Refused(File.ReadAllBytes(_folder.File("checkpoint")), "Load it from its path");
    }

    [Fact]
    public void External_data_that_is_missing_or_cut_off_or_a_link_is_refused()
    {
        string path = _folder.File("checkpoint");
        Checkpoints.FullExternal().Save(path);
        byte[] data = File.ReadAllBytes(path + ".data");
        File.WriteAllBytes(path + ".data", data[..^1]);
        RefusedFile(path, "'flag' (entry 3 of the frozen parameters) should be bytes 56 to 59 of 'checkpoint.data', which has 58");
        File.Delete(path + ".data");
        RefusedFile(path, "'net/fc.weight'");
        if (OperatingSystem.IsWindows())
            return;
        File.WriteAllBytes(_folder.File("elsewhere"), data);
        File.CreateSymbolicLink(path + ".data", _folder.File("elsewhere"));
        RefusedFile(path, "link");
    }

    [Fact]
    public void External_parts_that_overlap_or_lie_before_the_file_are_refused()
    {
        string path = _folder.File("checkpoint");
        Checkpoints.FullExternal().Save(path);
        byte[] bytes = File.ReadAllBytes(path);
        int place = bytes.AsSpan().IndexOf(new byte[] { 24, 0, 0, 0, 0, 0, 0, 0 });
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(place), 20);
        File.WriteAllBytes(path, bytes);
        RefusedFile(path, "share bytes of 'checkpoint.data'");
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(place), -8);
        File.WriteAllBytes(path, bytes);
        RefusedFile(path, "impossible place -8");
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(place), long.MaxValue);
        File.WriteAllBytes(path, bytes);
        RefusedFile(path, "which has 59");
    }

    [Fact]
    public void A_missing_file_is_said_to_be_missing() =>
        RefusedFile(_folder.File("nothing"), "cannot be read");

    [Fact]
    public void Whatever_is_changed_gives_a_checkpoint_or_a_refusal()
    {
        byte[] original = Checkpoints.Full().ToBytes();
        var random = new Random(20240913);
        int refused = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = [.. original];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                int place = random.Next(bytes.Length);
                bytes[place] = random.Next(3) switch
                {
                    0 => (byte)(bytes[place] ^ (1 << random.Next(8))),
                    1 => (byte)random.Next(256),
                    _ => (byte)(bytes[place] + random.Next(-8, 9)),
                };
            }

            try
            {
                OfficialCheckpoint.FromBytes(bytes.AsMemory(0, random.Next(4) == 0 ? random.Next(bytes.Length + 1) : bytes.Length), "changed");
            }
            catch (FineTuningException problem)
            {
                Assert.StartsWith("changed: ", problem.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(refused, 5_000, 19_999);
    }

    private static int Root(byte[] bytes) => Follow(bytes, 0);

    private static int Follow(byte[] bytes, int place) => place + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(place));

    private static void Refused(byte[] bytes, string reason)
    {
        var error = Assert.ThrowsAny<FineTuningException>(() => OfficialCheckpoint.FromBytes(bytes, "hostile.ckpt"));
        Assert.StartsWith("hostile.ckpt: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static void RefusedFile(string path, string reason)
    {
        var error = Assert.ThrowsAny<FineTuningException>(() => OfficialCheckpoint.Load(path));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(Path.GetFileName(path), error.Message, StringComparison.Ordinal);
    }
}
