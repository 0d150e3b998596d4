using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Tests.Onnx;

public class TensorDataTests
{
    [Fact]
    public void What_is_made_reads_back()
    {
        Assert.Equal([1.5f, -2f], TensorData.ToFloats(TensorData.Create("t", [1.5f, -2f], 2)));
        Assert.Equal([1.5, -2], TensorData.ToDoubles(TensorData.Create("t", [1.5, -2], 1, 2)));
        Assert.Equal([1L << 40, -2L], TensorData.ToLongs(TensorData.Create("t", [1L << 40, -2L], 2)));
        Assert.Equal([7, -2], TensorData.ToInts(TensorData.Create("t", [7, -2], 2)));
        Assert.Equal([true, false], TensorData.ToBools(TensorData.Create("t", [true, false], 2)));
    }

    [Fact]
    public void Typed_fields_are_read()
    {
        Assert.Equal([1f, 2f], TensorData.ToFloats(new TensorProto { DataType = 1, Dims = { 2 }, FloatData = { 1, 2 } }));
        Assert.Equal([1L, 2L], TensorData.ToLongs(new TensorProto { DataType = 7, Dims = { 2 }, Int64Data = { 1, 2 } }));
        Assert.Equal([true], TensorData.ToBools(new TensorProto { DataType = 9, Dims = { 1 }, Int32Data = { 1 } }));
        Assert.Equal([3.0], TensorData.ToDoubles(new TensorProto { DataType = 11, DoubleData = { 3 } }));
    }

    [Fact]
    public void Half_and_brain_precision_are_read()
    {
        Assert.Equal([1.5f], TensorData.ToFloats(TensorData.Create("t", ElementType.Float16, [1.5], 1)));
        Assert.Equal([1.5f], TensorData.ToFloats(new TensorProto { DataType = 10, Dims = { 1 }, Int32Data = { 0x3E00 } }));
        Assert.Equal([1.5f], TensorData.ToFloats(new TensorProto { DataType = 16, Dims = { 1 }, Int32Data = { 0x3FC0 } }));
    }

    [Fact]
    public void Wrong_amounts_and_types_are_errors()
    {
        Assert.Throws<OnnxModelException>(() => TensorData.ToFloats(new TensorProto { DataType = 1, Dims = { 3 }, FloatData = { 1, 2 } }));
        Assert.Throws<OnnxModelException>(() => TensorData.ToLongs(TensorData.Create("t", [1f], 1)));
        Assert.Throws<OnnxModelException>(() => TensorData.ToInts(TensorData.Create("t", [1L << 40], 1)));
        Assert.Throws<OnnxModelException>(() => TensorData.ElementCount([long.MaxValue, 3], "t"));
        Assert.Throws<OnnxModelException>(() => TensorData.ElementCount([-1], "t"));
        Assert.Throws<ArgumentException>(() => TensorData.Create("t", [1f], 2));
    }
}
