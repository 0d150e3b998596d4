using System.Globalization;
using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Bench;

/// <summary>
/// The AdaMomentum step (28 bytes for each parameter: four reads, three writes) against in-place axpy (12 bytes) in the same run, which
/// goes through as much memory: two buffers of twice the length, where a step has four. The check reads the gradients once more, which is
/// not counted, so its cost shows in the last columns.
/// </summary>
internal static class StepBench
{
    private const double StepBytes = 28, AxpyBytes = 12, Giga = 1e9;

    public static void Run(string[] args)
    {
        int largest = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 50_000_000;
        Console.WriteLine($"{Environment.ProcessorCount} logical processors; GB/s, medians of interleaved rounds");
        Console.WriteLine("| parameters | threads | axpy | step, no check | ratio | step with check | ratio | ms with check | B allocated/step |");
        Console.WriteLine("|-----------:|--------:|-----:|---------------:|------:|----------------:|------:|--------------:|-----------------:|");
        foreach (int size in new[] { 1_000, 10_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000, 50_000_000 })
        {
            if (size > largest)
                continue;
            Measure(size, 1);
            if (size > StepPlan.ChunkLength && Environment.ProcessorCount > 1)
                Measure(size, 2);
        }
    }

    private static void Measure(int size, int threads)
    {
        BufferLayout layout = BufferLayout.Create([("weights", [size])]);
        BufferLayout twice = BufferLayout.Create([("weights", [2 * size])]);
        using FlatBuffer parameters = Filled(layout, 1), gradients = Filled(layout, 2), x = Filled(twice, 3), y = Filled(twice, 4);
        using AdaMomentum plain = new(layout, null, new OptimizerSettings { Threads = threads, SkipNonFiniteGradients = false });
        using AdaMomentum careful = new(layout, null, new OptimizerSettings { Threads = threads });
        Axpy axpy = new(x, y, threads);

        double[] seconds = Interleaved.Medians(
            size > 5_000_000 ? 15 : 31,
            axpy.Run,
            () => plain.Step(parameters, gradients),
            () => careful.Step(parameters, gradients));
        double ceiling = 2 * size * AxpyBytes / seconds[0] / Giga;
        double bare = size * StepBytes / seconds[1] / Giga;
        double full = size * StepBytes / seconds[2] / Giga;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {size,10} | {threads,7} | {ceiling,4:F0} | {bare,14:F1} | {bare / ceiling,5:F2} | {full,15:F1} | {full / ceiling,5:F2} | {seconds[2] * 1e3,13:F4} | {Allocated(careful, parameters, gradients),16} |"));
    }

    private static long Allocated(Optimizer optimizer, FlatBuffer parameters, FlatBuffer gradients)
    {
        const int Steps = 20;
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < Steps; i++)
            optimizer.Step(parameters, gradients);
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / Steps;
    }

    private static FlatBuffer Filled(BufferLayout layout, int seed)
    {
        FlatBuffer buffer = new(layout);
        Random random = new(seed);
        foreach (BufferSlot slot in layout.Slots)
        {
            foreach (ref float value in buffer[slot])
                value = random.NextSingle() - 0.5f;
        }

        return buffer;
    }
}
