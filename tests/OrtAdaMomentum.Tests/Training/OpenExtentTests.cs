using System.Runtime.InteropServices;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Training;

/// <summary>Data whose samples have extents of their own.</summary>
public class OpenExtentTests
{
    [Fact]
    public async Task The_gradient_of_a_mixed_batch_is_the_mean_of_those_of_its_samples()
    {
        var data = Data(12);
        Assert.InRange(Times(data).Distinct().Count(), 3, 11);
        using var session = Session();
        await StepOverSamples.IsTheMeanOfThemAsync(session, data);
    }

    [Fact]
    public void Samples_of_unlike_extents_are_evaluated_as_each_alone()
    {
        var data = Data(20);
        using var session = Session();
        double expected = 0;
        for (int sample = 0; sample < data.Count; sample++)
        {
            using var single = session.CreateBatch(data, [sample]);
            single.Fill(data, [sample]);
            expected += session.EvalStep(single).Loss / data.Count;
        }

        Assert.Equal(expected, new Trainer(session).Evaluate(data, batchSize: 8).Loss, 1e-5);
    }

    [Fact]
    public void A_batch_holds_each_sample_once_and_only_equal_extents_with_targets_filled_up()
    {
        var data = Data(40);
        using var session = Session();
        using var batches = new BatchCache(session, data);
        int count = 0, filled = 0;
        foreach (var batch in batches.Of(Enumerable.Range(0, 40).ToArray()))
        {
            count += batch.Size;
            int width = (int)batch.ShapeOf("labels")[1];
            var labels = batch.Tensor<long>("labels");
            for (int sample = 0; sample < batch.Size; sample++)
            {
                var row = labels.Slice(sample * width, width);
                filled += row.Count(-1);
                // Every sample of the batch is one of the data: its letters, and -1 behind them.
                long[] letters = [.. row.ToArray().TakeWhile(static letter => letter > 0)];
                Assert.All(row[letters.Length..].ToArray(), static rest => Assert.Equal(-1, rest));
                Assert.Contains(Enumerable.Range(0, 40), candidate => Times(data)[candidate] == batch.ShapeOf("features")[1] && Letters(data, candidate).SequenceEqual(letters));
            }
        }

        Assert.Equal(40, count);
        Assert.InRange(filled, 1, 200);
    }

    [Fact]
    public void Samples_that_do_not_agree_in_their_extents_do_not_go_into_one_batch()
    {
        var data = Data(12);
        int[] times = Times(data);
        int other = Array.FindIndex(times, time => time != times[0]);
        using var session = Session();
        var error = Assert.Throws<FineTuningException>(() => session.CreateBatch(data, [0, other]));
        Assert.Contains($"[{times[0]}, 5] and [{times[other]}, 5] do not go into one batch", error.Message, StringComparison.Ordinal);
        Assert.Contains("made for chosen samples", Assert.Throws<FineTuningException>(() => session.CreateBatch(2, data)).Message, StringComparison.Ordinal);

        using var batch = session.CreateBatch(data, [0]);
        Assert.Contains($"Sample {other} of 'features'", Assert.Throws<FineTuningException>(() => batch.Fill(data, [other])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_brings_equal_extents_together_holds_every_sample_once_and_is_the_same_every_time()
    {
        var data = Data(200);
        using var session = Session();
        using var batches = new BatchCache(session, data);
        int[] given = SampleOrder.Permutation(200, 7, 0);

        int[] order = batches.Order(given, 16);

        Assert.Equal(Enumerable.Range(0, 200), order.Order());
        Assert.Equal(order, batches.Order(SampleOrder.Permutation(200, 7, 0), 16));
        Assert.Equal(given[192..], order[192..]);
        int[] times = Times(data);
        int Different(int[] samples) => samples.Chunk(16).Sum(batch => batch.Select(sample => times[sample]).Distinct().Count());
        Assert.True(Different(order) < Different(given) / 2, $"{Different(order)} of {Different(given)}");
    }

    [Fact]
    public void Data_of_one_shape_is_taken_in_the_order_given()
    {
        var data = new TensorDataset(50).Add("features", new float[50 * 4 * 5], 4, 5).Add("labels", new long[50], 1);
        using var session = Session();
        using var batches = new BatchCache(session, data);
        int[] given = SampleOrder.Permutation(50, 7, 0);
        Assert.Equal(given, batches.Order(given, 8));
    }

    [Fact]
    public void Data_with_open_extents_is_fitted_and_converted_sample_by_sample()
    {
        var schema = DatasetSchema.Of(SequenceReader.Artifacts().Manifest);
        var fitted = FittedDataset.Create(new Ragged([2, 4, 3]), schema);

        Assert.Equal(["-1 5", "-1"], fitted.Columns.Select(static column => string.Join(' ', column.SampleShape)));
        Assert.Equal([4, 5], fitted.ShapeOf("features", 1));
        float[] values = new float[20];
        fitted.Read("features", [1], MemoryMarshal.AsBytes(values.AsSpan()));
        Assert.All(values, static value => Assert.Equal(1, value));

        var error = Assert.Throws<DatasetException>(() => FittedDataset.Create(new Ragged([2, 4, 3], letter: 9), schema));
        Assert.Contains("'labels', sample 0: class 9 is not one of the model's 5 classes", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<DatasetException>(() => FittedDataset.Create(new Ragged([2, 4, 3], features: 4), schema));
        Assert.Contains("a sample of 'features' has shape [-1, 4]", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<DatasetException>(() => FittedDataset.Create(new Ragged([2, 4, 3], announced: 5, features: 4), schema));
        Assert.Contains("'features', sample 0 has the shape [2, 4], but the data announces [-1, 5]", error.Message, StringComparison.Ordinal);
    }

    private static FineTuningSession Session() =>
        new(SequenceReader.Artifacts(), new FineTuningOptions { Threads = 1, Optimizer = "sgd", LearningRate = 0.5 });

    private static SampleDataset Data(int count) => new(SequenceReader.Schema(), [.. SequenceReader.Samples(count)]);

    private static int[] Times(SampleDataset data) => [.. Enumerable.Range(0, data.Count).Select(sample => (int)data.ShapeOf("features", sample)[0])];

    private static long[] Letters(SampleDataset data, int sample)
    {
        long[] letters = new long[data.ShapeOf("labels", sample)[0]];
        data.Read("labels", [sample], MemoryMarshal.AsBytes(letters.AsSpan()));
        return letters;
    }

    /// <summary>Bytes of ones, of several lengths; each sample has as many letters as steps, less one.</summary>
    private sealed class Ragged(int[] times, byte letter = 1, int features = 5, int? announced = null) : IDataset
    {
        public int Count => times.Length;

        public IReadOnlyList<DatasetColumn> Columns { get; } =
        [
            new("features", OrtAdaMomentum.Onnx.ElementType.UInt8, [DatasetColumn.OpenExtent, announced ?? features]),
            new("labels", OrtAdaMomentum.Onnx.ElementType.UInt8, [DatasetColumn.OpenExtent]),
        ];

        public IReadOnlyList<long> ShapeOf(string column, int sample) => column == "features" ? [times[sample], features] : [times[sample] - 1];

        public void Read(string column, ReadOnlySpan<int> samples, Span<byte> destination) => destination.Fill(column == "labels" ? letter : (byte)1);
    }
}
