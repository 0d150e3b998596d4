using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Bench;

/// <summary>AdaMomentum's step, here in C#, over tensors of equal size.</summary>
internal sealed class StepWorkload : IWorkload
{
    private readonly FlatBuffer _parameters;
    private readonly FlatBuffer _gradients;
    private readonly AdaMomentum _optimizer;

    public StepWorkload(int size, int tensors, int threads, bool check)
    {
        var layout = BufferLayout.Create(Enumerable.Range(0, tensors).Select(index => ($"tensor{index}", (IReadOnlyList<long>)[size / tensors])));
        _parameters = Filled(layout, 1);
        _gradients = Filled(layout, 2);
        _optimizer = new AdaMomentum(layout, null, new OptimizerSettings { Threads = threads, SkipNonFiniteGradients = check });
    }

    public long ParameterCount => _parameters.Layout.ElementCount;

    /// <summary>A buffer of numbers in -0.5..0.5, with zeros between the tensors.</summary>
    public static FlatBuffer Filled(BufferLayout layout, int seed)
    {
        var buffer = new FlatBuffer(layout);
        var random = new Random(seed);
        foreach (var slot in layout.Slots)
        {
            foreach (ref float value in buffer[slot])
                value = random.NextSingle() - 0.5f;
        }

        return buffer;
    }

    public double Run()
    {
        _optimizer.Step(_parameters, _gradients);
        return 0;
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _gradients.Dispose();
        _parameters.Dispose();
    }
}
