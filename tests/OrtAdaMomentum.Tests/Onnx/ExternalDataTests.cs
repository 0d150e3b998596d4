using System.Diagnostics;
using System.Runtime.Versioning;
using Google.Protobuf;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Onnx;

public sealed class ExternalDataTests : IDisposable
{
    private static readonly OnnxLoadOptions Allowed = new() { AllowExternalData = true };
    private static readonly float[] Weights = [1, 2, 3, 4, 5, 6];

    private readonly TemporaryFolder _outside = new();
    private readonly string _folder;

    public ExternalDataTests()
    {
        _folder = Directory.CreateDirectory(_outside.File("model")).FullName;
        byte[] raw = TensorData.Create("w", Weights, 3, 2).RawData.ToByteArray();
        File.WriteAllBytes(Path.Combine(_folder, "weights.bin"), [9, 9, 9, 9, .. raw]);
        File.WriteAllBytes(_outside.File("secret.bin"), new byte[64]);
    }

    public void Dispose() => _outside.Dispose();

    [Fact]
    public void Weights_beside_the_model_become_part_of_it()
    {
        OnnxModel model = Load(Allowed, ("location", "weights.bin"), ("offset", "4"), ("length", "24"));

        TensorProto weights = Assert.Single(model.Proto.Graph.Initializer);
        Assert.Equal(Weights, TensorData.ToFloats(weights));
        Assert.Empty(weights.ExternalData);
        Assert.NotEqual(TensorProto.Types.DataLocation.External, weights.DataLocation);
        Assert.Equal([22f, 28f], OrtRun.Run(model.ToBytes(), ("x", new float[] { 1, 2, 3 }, [1, 3]))["y"].Floats);
    }

    [Fact]
    public void Weights_in_a_folder_below_are_found()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "sub"));
        File.Copy(Path.Combine(_folder, "weights.bin"), Path.Combine(_folder, "sub", "w.bin"));

        Load(Allowed, ("location", "./sub/w.bin"), ("offset", "4"));
    }

    [Fact]
    public void Without_permission_they_are_refused() => Refused("AllowExternalData", null, ("location", "weights.bin"));

    [Theory]
    [InlineData("../secret.bin", "leaves the model's folder")]
    [InlineData("sub/../../secret.bin", "leaves the model's folder")]
    [InlineData("/etc/passwd", "is absolute")]
    [InlineData("C:\\Windows\\win.ini", "character")]
    [InlineData("..\\secret.bin", "character")]
    [InlineData("weights.bin/", "simplest form")]
    [InlineData("sub//weights.bin", "simplest form")]
    [InlineData("a\0b", "character")]
    [InlineData("none.bin", "")]
    public void Paths_out_of_the_folder_are_refused(string location, string expected) => Refused(expected, Allowed, ("location", location));

    [Fact]
    public void A_link_to_a_file_is_refused()
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "link.bin"), _outside.File("secret.bin"));
        Refused("link", Allowed, ("location", "link.bin"));
    }

    [Fact]
    public void A_link_to_a_folder_is_refused()
    {
        Directory.CreateSymbolicLink(Path.Combine(_folder, "sub"), _outside.Path);
        Refused("link", Allowed, ("location", "sub/secret.bin"));
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void A_hard_link_is_refused()
    {
        Run("ln", _outside.File("secret.bin"), Path.Combine(_folder, "hard.bin"));
        Refused("hard links", Allowed, ("location", "hard.bin"));
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void A_named_pipe_is_refused_at_once()
    {
        Run("mkfifo", Path.Combine(_folder, "pipe.bin"));
        Refused("no regular file", Allowed, ("location", "pipe.bin"));
    }

    [Fact]
    public void A_folder_is_refused() => Refused("no regular file", Allowed, ("location", Directory.CreateDirectory(Path.Combine(_folder, "sub")).Name));

    [Theory]
    [InlineData("8", "24", "shorter")]
    [InlineData("9223372036854775807", "24", "shorter")]
    [InlineData("-4", "24", "no number of bytes")]
    [InlineData("0", "23", "announced")]
    [InlineData("0", "99999999999999999999", "no number of bytes")]
    public void Wrong_bounds_are_refused(string offset, string length, string expected) =>
        Refused(expected, Allowed, ("location", "weights.bin"), ("offset", offset), ("length", length));

    [Fact]
    public void A_huge_tensor_is_refused_before_memory_is_taken()
    {
        ModelProto model = Model(("location", "weights.bin"));
        model.Graph.Initializer[0].Dims[0] = 200_000_000;
        Refused("shorter", Allowed, model);
    }

    [Fact]
    public void Many_tensors_on_one_piece_of_file_count_against_the_limit()
    {
        ModelProto model = Model(("location", "weights.bin"));
        for (int index = 0; index < 50; index++)
        {
            TensorProto copy = model.Graph.Initializer[0].Clone();
            copy.Name = $"w{index}";
            model.Graph.Initializer.Add(copy);
        }

        Refused("MaxModelBytes", Allowed with { MaxModelBytes = model.CalculateSize() + 500 }, model);
    }

    [Fact]
    public void Unknown_keys_are_refused() => Refused("unknown key 'basepath'", Allowed, ("location", "weights.bin"), ("basepath", "/"));

    [Fact]
    public void The_runtimes_own_memory_addresses_are_refused() =>
        Refused("address in memory", Allowed, ("location", "*/_ORT_MEM_ADDR_/*"), ("offset", "140000000"), ("length", "24"));

    [Fact]
    public void A_model_given_as_bytes_has_no_folder()
    {
        var error = Assert.Throws<OnnxModelException>(() => OnnxModel.Load(Model(("location", "weights.bin")).ToByteArray(), Allowed));
        Assert.Contains("without a folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sparse_tensors_are_not_a_way_around()
    {
        ModelProto model = Model(("location", "weights.bin"), ("offset", "4"));
        TensorProto values = model.Graph.Initializer[0].Clone();
        values.Name = "s";
        values.ExternalData[0].Value = "../secret.bin";
        model.Graph.SparseInitializer.Add(new SparseTensorProto { Values = values, Indices = TensorData.Vector("i", 0, 1, 2, 3, 4, 5), Dims = { 6 } });
        Refused("leaves the model's folder", Allowed, model);
    }

    private OnnxModel Load(OnnxLoadOptions? options, params (string Key, string Value)[] entries) => Load(options, Model(entries));

    private OnnxModel Load(OnnxLoadOptions? options, ModelProto model)
    {
        string path = Path.Combine(_folder, "model.onnx");
        File.WriteAllBytes(path, model.ToByteArray());
        return OnnxModel.Load(path, options);
    }

    private void Refused(string expected, OnnxLoadOptions? options, params (string Key, string Value)[] entries) =>
        Refused(expected, options, Model(entries));

    private void Refused(string expected, OnnxLoadOptions? options, ModelProto model)
    {
        var error = Assert.Throws<OnnxModelException>(() => Load(options, model));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static ModelProto Model(params (string Key, string Value)[] entries)
    {
        var weights = new TensorProto
        {
            Name = "w",
            DataType = (int)ElementType.Float,
            Dims = { 3, 2 },
            DataLocation = TensorProto.Types.DataLocation.External,
        };
        weights.ExternalData.AddRange(entries.Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value }));
        return new ModelBuilder()
            .Input("x", ElementType.Float, 1, 3)
            .Initializer(weights)
            .Node("MatMul", ["x", "w"], ["y"])
            .Output("y").Build();
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
