using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

public sealed class OfficialCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_checkpoint_of_the_official_tool_is_read()
    {
        var checkpoint = OfficialCheckpoint.Load(Checkpoints.Mnist("checkpoint.ckpt"));
        Assert.False(checkpoint.IsNominal);
        Assert.False(checkpoint.HasExternalData);
        Assert.Empty(checkpoint.FrozenParameters);
        Assert.Empty(checkpoint.OptimizerGroups);
        Assert.Equal(0, checkpoint.Properties.Count);
        Assert.Equal(
            ["fc1.bias [500]", "fc1.weight [500, 784]", "fc2.bias [10]", "fc2.weight [10, 500]"],
            checkpoint.TrainableParameters.Select(static tensor => $"{tensor.Name} [{string.Join(", ", tensor.Shape)}]"));

        // The sums that the official runtime's own buffer has.
        float[] values = [.. checkpoint.TrainableParameters.SelectMany(static tensor => tensor.ToSingles())];
        Assert.Equal(397510, values.Length);
        Assert.Equal(-10.394964, values.Sum(static value => (double)value), 5);
        Assert.Equal(7128.583162, values.Sum(static value => Math.Abs((double)value)), 5);
    }

    [Fact]
    public void The_nominal_checkpoint_of_the_official_tool_is_read()
    {
        var checkpoint = OfficialCheckpoint.Load(Checkpoints.Mnist("nominal_checkpoint"));
        Assert.True(checkpoint.IsNominal);
        Assert.Equal(["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"], checkpoint.TrainableParameters.Select(static tensor => tensor.Name));
        Assert.All(checkpoint.TrainableParameters, static tensor =>
        {
            Assert.Equal(ElementType.Float, tensor.ElementType);
            Assert.Empty(tensor.Shape);
            Assert.Equal(0, tensor.Data.Length);
        });
        Checkpoints.AssertEqual(checkpoint, OfficialCheckpoint.FromBytes(checkpoint.ToBytes(), "written"));
    }

    [Fact]
    public void Every_field_comes_back_bit_for_bit()
    {
        var full = Checkpoints.Full();
        Checkpoints.AssertEqual(full, OfficialCheckpoint.FromBytes(full.ToBytes(), "written"));
        full.Save(_folder.File("checkpoint"));
        Checkpoints.AssertEqual(full, OfficialCheckpoint.Load(_folder.File("checkpoint")));
        Assert.False(File.Exists(_folder.File("checkpoint.data")));
        Assert.Equal(full.ToBytes(), OfficialCheckpoint.Load(_folder.File("checkpoint")).ToBytes());
    }

    [Fact]
    public void Every_field_comes_back_bit_for_bit_from_an_external_file()
    {
        var full = Checkpoints.FullExternal();
        full.Save(_folder.File("checkpoint"));
        var loaded = OfficialCheckpoint.Load(_folder.File("checkpoint"));
        Checkpoints.AssertEqual(full, loaded);

        // 24 + 12 + 4 bytes of singles end at 40, integers of 64 bits begin at a multiple of 8, and three bytes follow.
        Assert.Equal(59, new FileInfo(_folder.File("checkpoint.data")).Length);
        loaded.Save(_folder.File("again"));
        Assert.Equal(File.ReadAllBytes(_folder.File("checkpoint")), File.ReadAllBytes(_folder.File("again")));
        Assert.Equal(File.ReadAllBytes(_folder.File("checkpoint.data")), File.ReadAllBytes(_folder.File("again.data")));
    }

    [Fact]
    public void A_checkpoint_that_only_says_that_it_has_external_data_goes_on_saying_so()
    {
        var checkpoint = Checkpoints.Full() with { HasExternalData = true };
        Assert.True(OfficialCheckpoint.FromBytes(checkpoint.ToBytes(), "written").HasExternalData);
    }

    [Fact]
    public void Numbers_lie_at_multiples_of_their_size()
    {
        // The official reader verifies this. The values are found by what they are.
        byte[] bytes = Checkpoints.Full().ToBytes();
        foreach (byte[] wanted in new[] { BitConverter.GetBytes(long.MaxValue), BitConverter.GetBytes(long.MinValue) })
            Assert.Equal(0, bytes.AsSpan().IndexOf(wanted) % 8);
    }

    [Theory]
    [InlineData("../escape", "leads out of its folder")]
    [InlineData("a/../../b", "leads out of its folder")]
    [InlineData("..\\b", "leads out of its folder")]
    [InlineData("C:\\weights", "path on a drive")]
    [InlineData("line\nbreak", "control character")]
    [InlineData("", "is empty")]
    public void Names_that_are_paths_are_neither_written_nor_read(string name, string reason)
    {
        var parameter = OfficialTensor.FromSingles("0123456789"[..Math.Max(name.Length, 1)], [1], [1]);
        var error = Assert.Throws<FineTuningException>(() => new OfficialCheckpoint { TrainableParameters = [parameter with { Name = name }] }.ToBytes());
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);

        if (name.Length == 0)
            return;
        byte[] bytes = new OfficialCheckpoint { TrainableParameters = [parameter] }.ToBytes();
        int place = bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(parameter.Name));
        System.Text.Encoding.UTF8.GetBytes(name).CopyTo(bytes, place);
        error = Assert.Throws<FineTuningException>(() => OfficialCheckpoint.FromBytes(bytes, "phone.ckpt"));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("phone.ckpt", error.Message, StringComparison.Ordinal);
        Assert.Contains("entry 0 of the trainable parameters", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_would_not_be_read_is_not_written()
    {
        var one = OfficialTensor.FromSingles("one", [1], [1]);
        Refused("more than one parameter named 'one'", new OfficialCheckpoint { TrainableParameters = [one], FrozenParameters = [one] });
        Refused("do not fit Float[2]", new OfficialCheckpoint { TrainableParameters = [one with { Shape = [2] }] });
        Refused("has data, and a nominal checkpoint has none", new OfficialCheckpoint { IsNominal = true, TrainableParameters = [one] });
        Refused("external file", new OfficialCheckpoint { TrainableParameters = [one with { IsExternal = true }] });
        Refused("unknown element type", new OfficialCheckpoint { TrainableParameters = [one with { ElementType = ElementType.Undefined }] });
        Refused(
            "more than one property named 'epoch'",
            new OfficialCheckpoint { Properties = new OfficialProperties { Integers = [new("epoch", 1)], Texts = [new("epoch", "1")] } });
        Refused(
            "only parameters can",
            new OfficialCheckpoint
            {
                OptimizerGroups = [new OfficialOptimizerGroup("group0", 1, 0, [new OfficialOptimizerState("one", [one with { IsExternal = true }])])],
            });

        static void Refused(string reason, OfficialCheckpoint checkpoint) =>
            Assert.Contains(reason, Assert.ThrowsAny<FineTuningException>(checkpoint.ToBytes).Message, StringComparison.Ordinal);
    }
}
