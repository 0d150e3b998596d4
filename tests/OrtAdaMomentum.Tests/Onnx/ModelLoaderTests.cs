using System.Text;
using Google.Protobuf;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Onnx;

public class ModelLoaderTests
{
    [Fact]
    public void A_good_model_loads_and_describes_itself()
    {
        OnnxModel model = OnnxModel.Load(Small().ToBytes(), source: "small");

        Assert.Equal("small", model.Source);
        Assert.Equal(21, model.Opset);
        Assert.Equal("tests", model.ProducerName);
        Assert.Equal("Float[1, 3]", Assert.Single(model.Inputs).Type.ToString());
        Assert.Equal("y", Assert.Single(model.Outputs).Name);
        Assert.Equal(6, model.ParameterCount);
        Assert.Equal(2, model.NodeCount);
        Assert.Equal(1, model.OperatorCounts["MatMul"]);
    }

    [Fact]
    public void What_is_saved_loads_again()
    {
        using var folder = new TemporaryFolder();
        OnnxModel model = OnnxModel.Load(Small().ToBytes());

        model.Save(folder.File("model.onnx"));

        Assert.Equal(model.ToBytes(), OnnxModel.Load(folder.File("model.onnx")).ToBytes());
    }

    [Theory]
    [InlineData("", "empty file")]
    [InlineData("just some words, nothing else", "text")]
    [InlineData("<!DOCTYPE html><html></html>", "web page")]
    [InlineData("{\"a\": 1}", "JSON")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid", "git lfs pull")]
    public void Text_is_recognised(string text, string expected) => Refused(Encoding.UTF8.GetBytes(text), expected);

    [Fact]
    public void A_picture_is_recognised() => Refused([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0], "PNG picture");

    [Fact]
    public void A_truncated_file_is_refused() => Refused(Small().ToBytes()[..^20], "cut short");

    [Fact]
    public void A_missing_file_is_reported() =>
        Assert.Contains("none.onnx", Assert.Throws<OnnxModelException>(() => OnnxModel.Load("/nowhere/none.onnx")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_folder_is_reported() =>
        Assert.Contains("folder", Assert.Throws<OnnxModelException>(() => OnnxModel.Load(Path.GetTempPath())).Message, StringComparison.Ordinal);

    [Fact]
    public void A_model_without_graph_is_refused() => Refused(new ModelProto { IrVersion = 8 }, "no graph");

    [Fact]
    public void A_missing_opset_import_is_refused() => Refused(model => model.OpsetImport.Clear(), "opset_import");

    [Fact]
    public void A_format_that_is_too_new_is_refused() => Refused(model => model.IrVersion = 99, "IR) version is 99");

    [Fact]
    public void Tree_ensembles_are_refused_by_name() => Refused(new ModelBuilder()
        .Opset("ai.onnx.ml", 3)
        .Input("x", ElementType.Float, 1, 3)
        .Node("ai.onnx.ml", "TreeEnsembleClassifier", ["x"], ["label", "p"])
        .Node("ai.onnx.ml", "ZipMap", ["p"], ["y"])
        .Output("y").Build(), "tree-ensemble/scikit-learn export");

    [Fact]
    public void Importing_the_classical_operators_without_using_them_is_fine() =>
        OnnxModel.Load(Small().Opset("ai.onnx.ml", 3).ToBytes());

    [Fact]
    public void Two_nodes_producing_one_name_are_refused() =>
        Refused(model => model.Graph.Node.Add(ModelBuilder.MakeNode("", "Relu", ["x"], ["y"])), "two origins");

    [Fact]
    public void Two_initializers_of_one_name_are_refused() =>
        Refused(model => model.Graph.Initializer.Add(model.Graph.Initializer[0].Clone()), "Two initializers");

    [Fact]
    public void Two_inputs_of_one_name_are_refused() => Refused(model => model.Graph.Input.Add(model.Graph.Input[0].Clone()), "two origins");

    [Fact]
    public void A_dangling_input_is_refused() => Refused(model => model.Graph.Node[1].Input[0] = "nothing", "'nothing'");

    [Fact]
    public void An_output_nothing_produces_is_refused() => Refused(model => model.Graph.Output[0].Name = "nothing", "'nothing'");

    [Fact]
    public void A_circle_of_nodes_is_refused() => Refused(model =>
    {
        model.Graph.Node.Add(ModelBuilder.MakeNode("", "Add", ["x", "b"], ["a"]));
        model.Graph.Node.Add(ModelBuilder.MakeNode("", "Relu", ["a"], ["b"]));
    }, "circle");

    [Fact]
    public void Unsorted_nodes_are_sorted()
    {
        ModelProto model = Small().Build();
        (model.Graph.Node[0], model.Graph.Node[1]) = (model.Graph.Node[1].Clone(), model.Graph.Node[0].Clone());

        OnnxModel loaded = OnnxModel.Load(model.ToByteArray());

        Assert.Equal(["MatMul", "Relu"], loaded.Proto.Graph.Node.Select(node => node.OpType));
    }

    [Fact]
    public void A_tensor_with_too_little_data_is_refused() => Refused(model => model.Graph.Initializer[0].Dims[0] = 1L << 40, "does not match");

    [Fact]
    public void A_tensor_without_its_data_is_refused() => Refused(model => model.Graph.Initializer[0].RawData = ByteString.Empty, "instead of 6");

    [Fact]
    public void A_negative_dimension_is_refused() => Refused(model => model.Graph.Initializer[0].Dims[0] = -3, "negative dimension");

    [Fact]
    public void A_product_of_dimensions_that_overflows_is_refused() => Refused(model =>
    {
        model.Graph.Initializer[0].Dims.Clear();
        model.Graph.Initializer[0].Dims.AddRange([1L << 40, 0, 1L << 40]);
    }, "more elements than can be counted");

    [Fact]
    public void Too_many_axes_are_refused() => Refused(model => model.Graph.Initializer[0].Dims.AddRange(Enumerable.Repeat(1L, 40)), "axes");

    [Fact]
    public void An_unknown_element_type_is_refused() => Refused(model => model.Graph.Initializer[0].DataType = 99, "unknown element type 99");

    [Fact]
    public void A_tensor_in_an_attribute_is_checked() => Refused(model => model.Graph.Node.Add(
        ModelBuilder.MakeNode("", "Constant", [], ["c"], ("value", Broken()))), "attribute 'value'");

    [Fact]
    public void A_tensor_in_a_sub_graph_is_checked() => Refused(model => model.Graph.Node.Add(
        ModelBuilder.MakeNode("", "If", ["x"], ["c"], ("then_branch", new GraphProto { Initializer = { Broken() } }))), "then_branch");

    [Fact]
    public void A_tensor_in_a_function_is_checked() => Refused(model => model.Functions.Add(new FunctionProto
    {
        Name = "f",
        Node = { ModelBuilder.MakeNode("", "Constant", [], ["c"], ("value", Broken())) },
    }), "function 'f'");

    [Fact]
    public void A_tensor_in_the_training_information_is_checked() => Refused(model => model.TrainingInfo.Add(
        new TrainingInfoProto { Algorithm = new GraphProto { Initializer = { Broken() } } }), "training algorithm");

    [Fact]
    public void A_sparse_tensor_larger_than_any_model_is_refused() => Refused(model => model.Graph.SparseInitializer.Add(
        Sparse(index: 0, extent: 1L << 45)), "larger than the limit");

    [Fact]
    public void A_sparse_index_outside_the_tensor_is_refused() => Refused(model => model.Graph.SparseInitializer.Add(
        Sparse(index: 10, extent: 10)), "index 10");

    [Fact]
    public void A_compiled_model_in_a_node_is_refused() => Refused(model => model.Graph.Node.Add(
        ModelBuilder.MakeNode("com.microsoft", "EPContext", ["x"], ["c"], ("ep_cache_context", "/etc/passwd"))), "compiled model");

    [Fact]
    public void The_size_limit_holds_for_bytes_and_files()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("m.onnx"), Small().ToBytes());
        var options = new OnnxLoadOptions { MaxModelBytes = 50 };

        Assert.Contains("MaxModelBytes", Assert.Throws<OnnxModelException>(() => OnnxModel.Load(folder.File("m.onnx"), options)).Message, StringComparison.Ordinal);
        Refused(Small().ToBytes(), "MaxModelBytes", options);
    }

    [Fact]
    public void The_node_limit_holds() => Refused(Small().ToBytes(), "MaxNodes", new OnnxLoadOptions { MaxNodes = 1 });

    [Fact]
    public void The_tensor_limit_holds() => Refused(Small().ToBytes(), "MaxTensors", new OnnxLoadOptions { MaxTensors = 0 });

    [Fact]
    public void Deep_nesting_is_refused()
    {
        var graph = new GraphProto { Name = "leaf" };
        for (int depth = 0; depth < 60; depth++)
            graph = new GraphProto { Node = { ModelBuilder.MakeNode("", "If", ["x"], [$"v{depth}"], ("then_branch", graph)) } };
        ModelProto model = Small().Build();
        model.Graph.Node.AddRange(graph.Node);

        Refused(model, "damaged");
    }

    private static ModelBuilder Small() => new ModelBuilder()
        .Input("x", ElementType.Float, 1, 3)
        .Initializer("w", OrtRun.Random(6), 3, 2)
        .Node("MatMul", ["x", "w"], ["h"])
        .Node("Relu", ["h"], ["y"])
        .Output("y");

    private static TensorProto Broken() => new() { Name = "broken", DataType = (int)ElementType.Float, Dims = { 1L << 40 } };

    private static SparseTensorProto Sparse(long index, long extent) => new()
    {
        Values = TensorData.Create("s", [1f], 1),
        Indices = TensorData.Vector("s_indices", index),
        Dims = { extent },
    };

    private static void Refused(Action<ModelProto> change, string expected)
    {
        ModelProto model = Small().Build();
        change(model);
        Refused(model, expected);
    }

    private static void Refused(ModelProto model, string expected) => Refused(model.ToByteArray(), expected);

    private static void Refused(byte[] bytes, string expected, OnnxLoadOptions? options = null)
    {
        var error = Assert.Throws<OnnxModelException>(() => OnnxModel.Load(bytes, options));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
