using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Onnx;

/// <summary>Holds a converted model to what the original computes.</summary>
internal static class ConvertedModel
{
    public static readonly NormalizeOptions Fixed = new() { FreeBatch = false };

    public static ModelBuilder One(long opset, string opType, long[] shape, params (string, object)[] attributes) =>
        new ModelBuilder(opset).Input("x", ElementType.Float, shape).Node(opType, ["x"], ["y"], attributes).Output("y");

    public static ModelProto AssertSame(ModelBuilder builder)
    {
        ModelProto model = builder.Build();
        ModelProto converted = ModelNormalizer.Normalize(model, Fixed);

        Assert.Equal(21, Assert.Single(converted.OpsetImport).Version);
        Assert.Equal(10, converted.IrVersion);
        (string, Array, long[])[] inputs = [.. model.Graph.Input.Select((input, index) => Random(input, index + 7))];
        Dictionary<string, OrtTensor> expected = OrtRun.Run(model, inputs), actual = OrtRun.Run(converted, inputs);
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach (string name in expected.Keys)
            OrtRun.AssertClose(expected[name], actual[name]);
        return converted;
    }

    private static (string, Array, long[]) Random(ValueInfoProto input, int seed)
    {
        long[] shape = TensorTypes.FromProto(input.Type)!.StaticShape!;
        return (input.Name, OrtRun.Random((int)shape.Aggregate(1L, (product, extent) => product * extent), seed), shape);
    }
}
