using System.Globalization;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Training.Data;

public sealed class CsvTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Features_are_taken_in_order_and_the_last_column_is_the_target()
    {
        var data = Read("sepal,petal,species\n1.5,-2,0\n3e-1,4,2\n", Schemas.Classifier(3, 2));
        Assert.Equal(2, data.Count);
        Assert.Equal([1.5f, -2f, 0.3f, 4f], data.Values<float>("x"));
        Assert.Equal([0L, 2L], data.Values<long>("labels"));
    }

    [Fact]
    public void A_column_named_labels_is_the_target_wherever_it_stands()
    {
        var data = Read("labels,a,b\n1,2,3\n", Schemas.Classifier(3, 2));
        Assert.Equal([2f, 3f], data.Values<float>("x"));
        Assert.Equal([1L], data.Values<long>("labels"));
    }

    [Fact]
    public void Numbered_columns_make_up_an_input_whatever_their_order()
    {
        var data = Read("x[2],note,x[0],x[1],labels\n3,9,1,2,0\n", Schemas.Classifier(3, 3));
        Assert.Equal([1f, 2f, 3f], data.Values<float>("x"));
    }

    [Fact]
    public void Several_inputs_are_taken_by_their_names()
    {
        var schema = new DatasetSchema(
            [Schemas.Tensor("age", ElementType.Float, 1), Schemas.Tensor("tokens", ElementType.Int64, Dimension.Named("length"))],
            Schemas.Tensor("labels", ElementType.Float, 1));
        var data = Read("tokens[0],tokens[1],tokens[2],age,labels\n5,6,7,33,0.5\n", schema);
        Assert.Equal([33f], data.Values<float>("age"));
        Assert.Equal([5L, 6L, 7L], data.Values<long>("tokens"));
        Assert.Equal([3], data.Columns.Single(column => column.Name == "tokens").SampleShape);
        Assert.Equal([0.5f], data.Values<float>("labels"));
    }

    [Fact]
    public void Quoted_fields_blank_lines_and_foreign_line_ends_are_understood()
    {
        var data = Read("\uFEFF\"a, \"\"b\"\"\",\"two\nlines\",y\r\n\r\n \"1\" , 2 ,\"0\"\r\n3,4,1", Schemas.Classifier(2, 2));
        Assert.Equal([1f, 2f, 3f, 4f], data.Values<float>("x"));
        Assert.Equal([0L, 1L], data.Values<long>("labels"));
    }

    [Fact]
    public void Numbers_are_read_alike_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = new NumberFormatInfo { NumberDecimalSeparator = ",", NumberGroupSeparator = "." } };
            Assert.Equal([1.5f], Read("a,y\n1.5,0\n", Schemas.Classifier(2, 1)).Values<float>("x"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Whole_numbers_may_be_written_with_a_decimal_point() =>
        Assert.Equal([2L], Read("a,y\n1,2.0\n", Schemas.Classifier(3, 1)).Values<long>("labels"));

    [Theory]
    [InlineData("a,b,y\n1,2,0\n1,,0\n", "row 2 (line 3), column 'b': the value is missing")]
    [InlineData("a,b,y\n1,nan,0\n", "row 1 (line 2), column 'b': NaN is not a finite number")]
    [InlineData("a,b,y\n1,-Infinity,0\n", "column 'b': -Infinity is not a finite number")]
    [InlineData("a,b,y\n1,2,0\n\n\n1,x7,0\n", "row 2 (line 5), column 'b': 'x7' is not a number")]
    [InlineData("a,b,y\n1,\"2,5\",0\n", "'2,5' is not a number")]
    [InlineData("a,b,y\n1,1e39,0\n", "1E+39 is too large for Float")]
    [InlineData("a,b,y\n1,2,0.5\n", "column 'y': 0.5 is not a whole number")]
    [InlineData("a,b,y\n1,2,0\n1,2\n", "row 2 (line 3) has 2 fields, but the header has 3")]
    [InlineData("a,b,y\n1,2,0,4\n", "row 1 (line 2) has 4 fields")]
    [InlineData("a,b,y\n1,2,3\n", "class 3 is not one of the model's 3 classes")]
    [InlineData("a,b,y\n1,2,-1\n", "class -1 is not one of")]
    [InlineData("a,b,y\n1,\"2,0\n", "line 2: a quoted field is not closed")]
    [InlineData("a,b,y\n1,\"2\"2,0\n", "text follows a quoted field")]
    [InlineData("a,b,c,y\n1,2,3,0\n", "3 columns for 'x' (shape [3]), but the model takes [2]")]
    [InlineData("a,a,y\n1,2,0\n", "2 columns named 'a'")]
    [InlineData("a,,y\n1,2,0\n", "column 2 has no name")]
    [InlineData("x[0],x[2],labels\n1,2,0\n", "none of them is 'x[1]'")]
    [InlineData("x[0],x[1]\n1,2\n", "no column 'labels'")]
    [InlineData("a,b,y\n", "no rows")]
    [InlineData("", "empty")]
    public void What_cannot_be_used_is_refused_with_its_place(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<DatasetException>(() => Read(text, Schemas.Classifier(3, 2))).Message, StringComparison.Ordinal);

    [Fact]
    public void More_rows_than_the_limit_allows_are_refused()
    {
        string text = "a,y\n" + string.Concat(Enumerable.Repeat("1,0\n", 100));
        var limit = new DatasetReadOptions { MaxBytes = 99 * 12 };
        Assert.Contains("limit", Assert.Throws<DatasetException>(() => Read(text, Schemas.Classifier(2, 1), limit)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_without_end_is_refused()
    {
        string text = "a,y\n" + new string('1', (1 << 24) + 10);
        Assert.Contains("longer than", Assert.Throws<DatasetException>(() => Read(text, Schemas.Classifier(2, 1))).Message, StringComparison.Ordinal);
    }

    private FittedDataset Read(string text, DatasetSchema schema, DatasetReadOptions? options = null)
    {
        string path = _folder.File("data.csv");
        File.WriteAllText(path, text);
        return DatasetFile.Open(path, schema, options);
    }
}
