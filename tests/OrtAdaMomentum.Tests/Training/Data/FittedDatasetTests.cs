using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Training.Data;

public class FittedDatasetTests
{
    [Theory]
    [InlineData(new long[] { 28, 28 }, new long[] { 1, 28, 28 }, true)]
    [InlineData(new long[] { 1, 28, 28 }, new long[] { 28, 28 }, true)]
    [InlineData(new long[] { 28, 28 }, new long[] { 784 }, true)]
    [InlineData(new long[] { 12 }, new long[] { 3, 2, 2 }, true)]
    [InlineData(new long[] { 1 }, new long[] { }, true)]
    [InlineData(new long[] { }, new long[] { 1 }, true)]
    [InlineData(new long[] { 28, 28, 3 }, new long[] { 3, 28, 28 }, false)]
    [InlineData(new long[] { 2, 6 }, new long[] { 3, 4 }, false)]
    [InlineData(new long[] { 5 }, new long[] { 4 }, false)]
    public void Shapes_fit_when_only_axes_of_one_differ_or_one_of_them_is_flat(long[] stored, long[] wanted, bool fits)
    {
        Dimension[] axes = [.. wanted.Select(extent => (Dimension)extent)];
        Assert.Equal(fits, ShapeFit.TryFit(stored, axes, out long[]? shape));
        Assert.Equal(fits ? wanted : null, shape);
    }

    [Fact]
    public void An_open_axis_takes_what_the_data_has()
    {
        Assert.True(ShapeFit.TryFit([7, 3], [Dimension.Named("time"), 3], out long[]? shape));
        Assert.Equal([7, 3], shape);
        Assert.False(ShapeFit.TryFit([21], [Dimension.Named("time"), 3], out _));
    }

    [Fact]
    public void A_shape_that_does_not_fit_is_refused_with_both_shapes()
    {
        var data = new TensorDataset(1).Add("x", new float[5], 5).Add("labels", [0L]);
        string message = Refused(data, Schemas.Classifier(3, 4)).Message;
        Assert.Contains("[5]", message, StringComparison.Ordinal);
        Assert.Contains("[4]", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ElementType.UInt8)]
    [InlineData(ElementType.Int8)]
    [InlineData(ElementType.UInt16)]
    [InlineData(ElementType.Int16)]
    [InlineData(ElementType.Int32)]
    [InlineData(ElementType.UInt32)]
    [InlineData(ElementType.Int64)]
    [InlineData(ElementType.UInt64)]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.Float)]
    [InlineData(ElementType.Double)]
    public void Numbers_keep_their_value_through_every_type(ElementType type)
    {
        float[] values = [.. Enumerable.Range(0, 1300).Select(index => (float)(index % 100))];
        byte[] there = new byte[values.Length * type.SizeInBytes()];
        float[] back = new float[values.Length];
        ElementConversion.Convert(ElementType.Float, AsBytes(values), type, there, 1);
        ElementConversion.Convert(type, there, ElementType.Float, AsBytes(back), 1);
        Assert.Equal(values, back);
    }

    [Theory]
    [InlineData(0.5, ElementType.Double, ElementType.Int64, "not a whole number")]
    [InlineData(300, ElementType.Int32, ElementType.UInt8, "outside the range")]
    [InlineData(-1, ElementType.Int32, ElementType.UInt8, "outside the range")]
    [InlineData(2, ElementType.UInt8, ElementType.Bool, "outside the range")]
    [InlineData(1e300, ElementType.Double, ElementType.Float, "too large")]
    [InlineData(70000, ElementType.Float, ElementType.Float16, "too large")]
    [InlineData(double.NaN, ElementType.Double, ElementType.Double, "not a finite number")]
    [InlineData(1.8e16, ElementType.Double, ElementType.Int64, "exactly")]
    public void A_value_without_an_equal_in_the_other_type_is_refused(double value, ElementType from, ElementType to, string reason) =>
        Assert.Contains(reason, ElementConversion.Problem(value, from, to), StringComparison.Ordinal);

    [Fact]
    public void A_number_that_is_not_finite_is_refused_with_its_sample()
    {
        float[] values = new float[3000 * 2];
        values[(2500 * 2) + 1] = float.NaN;
        var data = new TensorDataset(3000).Add("x", values, 2).Add("labels", new long[3000]);
        Assert.Contains("'x', sample 2500, element 1: NaN", Refused(data, Schemas.Classifier(3, 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_the_model_does_not_have_is_refused_unless_it_is_the_ignored_one()
    {
        var data = new TensorDataset(2).Add("x", new float[2], 1).Add("labels", [0L, -100L]);
        var schema = Schemas.Classifier(3, 1);
        Assert.Contains("sample 1: class -100", Refused(data, schema).Message, StringComparison.Ordinal);
        Assert.Equal([0L, -100L], FittedDataset.Create(data, schema with { IgnoreIndex = -100 }).Values<long>("labels"));
    }

    [Fact]
    public void A_target_that_is_no_probability_is_refused_where_one_is_wanted()
    {
        var data = new TensorDataset(1).Add("x", new float[1], 1).Add("labels", [1.5f]);
        var schema = Schemas.Regression(1);
        Assert.Equal([1.5f], FittedDataset.Create(data, schema).Values<float>("labels"));
        Assert.Contains("1.5 is not a probability", Refused(data, schema with { TargetKind = TargetKind.Probability }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_tensors_and_empty_data_are_refused()
    {
        Assert.Contains("no samples", Refused(new TensorDataset(0), Schemas.Classifier(3, 1)).Message, StringComparison.Ordinal);
        var data = new TensorDataset(1).Add("x", new float[1], 1);
        Assert.Contains("no tensor named 'labels'", Refused(data, Schemas.Classifier(3, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_inputs_are_scaled_never_targets()
    {
        var column = new DatasetColumn("labels", ElementType.UInt8, []);
        var data = new TensorDataset(1).Add(new DatasetColumn("x", ElementType.UInt8, [1]), [255]).Add(column, [2]);
        var fitted = FittedDataset.Create(data, Schemas.Regression(1), new DatasetReadOptions { ScaleBytes = true });
        Assert.Equal([1f], fitted.Values<float>("x"));
        Assert.Equal([2f], fitted.Values<float>("labels"));
    }

    private static DatasetException Refused(IDataset data, DatasetSchema schema) =>
        Assert.Throws<DatasetException>(() => FittedDataset.Create(data, schema));

    private static Span<byte> AsBytes(float[] values) => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan());
}
