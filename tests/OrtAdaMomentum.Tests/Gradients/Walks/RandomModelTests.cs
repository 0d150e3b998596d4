using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Gradients.Walks;

/// <summary>
/// Whole paths from a model that chance put together to the gradients of its parameters: every way to compute them gives the same ones, and they are what
/// the loss does when a parameter is moved.
/// </summary>
public class RandomModelTests
{
    private const int Batch = 3;
    private const int Chunks = 10;

    /// <summary>Several tests, because each of them may fail at many seeds.</summary>
    public static IEnumerable<TheoryDataRow<int, int>> Seeds() =>
        RandomModels.Seeds.Chunk(RandomModels.Seeds.Count / Chunks).Select(static seeds => new TheoryDataRow<int, int>(seeds[0], seeds.Length));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_way_gives_the_gradients_that_the_loss_has(int first, int count)
    {
        List<string> failures = [];
        for (int seed = first; seed < first + count; seed++)
        {
            try
            {
                Check(seed);
            }
#pragma warning disable CA1031 // All are tried, and each failure is shown with its seed.
            catch (Exception error)
#pragma warning restore CA1031
            {
                failures.Add($"{RandomModels.Describe(seed)}: {error}");
            }
        }

        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }

    private static void Check(int seed)
    {
        var named = Dimension.Named("batch");
        var plain = new Way(named, Recompute: false, KernelUse.Off, Threads: 1);
        using var reference = Open(seed, plain);
        using var batch = Fill(reference, seed);
        double loss = reference.TrainStep(batch);
        float[] gradients = Gradients(reference);
        Assert.True(double.IsFinite(loss) && gradients.All(float.IsFinite), $"loss {loss}");

        Way[] ways =
        [
            plain with { Kernels = KernelUse.On },
            plain with { Kernels = KernelUse.On, Threads = 2 },
            plain with { Recompute = true },
            plain with { Kernels = KernelUse.On, Recompute = true },
            plain with { Batch = Dimension.Of(Batch) },
            plain with { Batch = Dimension.Of(Batch), Kernels = KernelUse.On },
            plain with { Batch = Dimension.Of(1) },
        ];
        foreach (var way in ways)
        {
            using var other = Open(seed, way);
            if (way.Batch.Is(1) && !other.Manifest.Inputs[0].HasFreeBatch)
                continue; // What cannot be proved right is not freed.
            using var same = Fill(other, seed);
            Assert.True(Math.Abs(other.TrainStep(same) - loss) <= 1e-5 * Math.Max(1, Math.Abs(loss)), $"{way}: another loss than {loss}");
            Close(gradients, Gradients(other), 1e-4, way.ToString());
        }

        Differences(reference, batch, seed);
    }

    /// <summary>Moves each parameter along its gradient and along a direction by chance.</summary>
    private static void Differences(FineTuningSession session, TrainingBatch batch, int seed)
    {
        const int directions = 3;
        var random = new Random(seed);
        foreach (var slot in session.Parameters.Layout.Slots)
        {
            // A kink may lie in one direction, but a wrong gradient is wrong in all of them.
            List<string> wrong = [];
            while (wrong.Count < directions && Difference(session, batch, slot, random) is { } found)
                wrong.Add(found);
            Assert.True(wrong.Count < directions, $"{slot.Name}: {string.Join("; ", wrong)}");
        }
    }

    /// <summary>What is wrong in one direction; null where nothing is.</summary>
    private static string? Difference(FineTuningSession session, TrainingBatch batch, BufferSlot slot, Random random)
    {
        float[] start = session.Parameters[slot].ToArray(), gradient = session.Gradients[slot].ToArray();
        double norm = Math.Sqrt(gradient.Sum(static value => (double)value * value));
        double[] along = [.. gradient.Select(value => norm > 0 ? value / norm : 0)];
        double[] anywhere = [.. gradient.Select(_ => random.NextDouble() - 0.5)];
        double length = Math.Sqrt(anywhere.Sum(static value => value * value));
        double[] direction = [.. along.Zip(anywhere, (a, b) => a + b / length)];
        double expected = gradient.Zip(direction, static (a, b) => a * b).Sum();

        // A step may cross a kink, another one or the one to the other side need not.
        double[] found = [.. new[] { 4e-3, 1e-3, 2e-4, 1.5e-2 }.SelectMany(step => Slopes(At(-step), At(0), At(step), step))];
        return found.Any(value => Math.Abs(value - expected) <= 2e-2 * Math.Max(norm, 1e-2))
            ? null
            : $"the loss changes by {string.Join(" or ", found)}, by the gradient it should by {expected} (norm {norm})";

        double At(double step)
        {
            session.UpdateParameter(slot.Name, [.. start.Zip(direction, (value, toward) => (float)(value + step * toward))]);
            double loss = session.EvalStep(batch).Loss;
            session.UpdateParameter(slot.Name, start);
            return loss;
        }
    }

    private static double[] Slopes(double before, double here, double after, double step) =>
        [(after - before) / (2 * step), (after - here) / step, (here - before) / step];

    private static FineTuningSession Open(int seed, Way way)
    {
        try
        {
            return new FineTuningSession(Generate(seed, way), new FineTuningOptions { Kernels = way.Kernels, Threads = way.Threads });
        }
        catch (FineTuningException error)
        {
            throw new FineTuningException($"{way}: {error.Message}", error);
        }
    }

    private static TrainingArtifacts Generate(int seed, Way way) =>
        ArtifactGenerator.Generate(
            RandomModel.Of(seed, way.Batch).Model,
            RandomModels.Options(seed) with { Recompute = way.Recompute });

    private static TrainingBatch Fill(FineTuningSession session, int seed)
    {
        var batch = session.CreateBatch(Batch);
        var input = batch.Tensor<float>("x");
        OrtRun.Random(input.Length, seed).CopyTo(input);
        if (seed % 2 == 0)
            OrtRun.Random(Batch * RandomModel.Outputs, seed + 1).CopyTo(batch.Tensor<float>("labels"));
        else
            new long[] { 0, 2, 1 }.CopyTo(batch.Tensor<long>("labels"));
        return batch;
    }

    private static float[] Gradients(FineTuningSession session) =>
        [.. session.Gradients.Layout.Slots.OrderBy(static slot => slot.Name, StringComparer.Ordinal).SelectMany(slot => session.Gradients[slot].ToArray())];

    private static void Close(float[] expected, float[] actual, double tolerance, string way)
    {
        Assert.Equal(expected.Length, actual.Length);
        double norm = Math.Sqrt(expected.Sum(static value => (double)value * value));
        double error = Math.Sqrt(expected.Zip(actual, static (a, b) => ((double)a - b) * ((double)a - b)).Sum());
        Assert.True(error <= tolerance * Math.Max(norm, 1e-2), $"{way}: gradients are off by {error} of {norm}");
    }

    private sealed record Way(Dimension Batch, bool Recompute, KernelUse Kernels, int Threads);
}
