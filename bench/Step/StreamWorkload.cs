using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Bench;

/// <summary>What the memory gives to a simple loop that is shared out over threads as a step is, so that a busy machine hits both alike.</summary>
internal sealed class StreamWorkload : IWorkload
{
    private readonly FlatBuffer[] _buffers;
    private readonly IChunkWork _work;
    private readonly int _chunks;
    private readonly int _threads;

    private StreamWorkload(int length, int buffers, int threads, Func<FlatBuffer[], IChunkWork> work)
    {
        var layout = BufferLayout.Create([("tensor", [length])]);
        _buffers = [.. Enumerable.Range(0, buffers).Select(index => StepWorkload.Filled(layout, index))];
        _work = work(_buffers);
        _chunks = (_buffers[0].Layout.Length + StepPlan.ChunkLength - 1) / StepPlan.ChunkLength;
        _threads = threads;
    }

    /// <summary>y = a x + y.</summary>
    public static StreamWorkload Axpy(int length, int threads) => new(length, 2, threads, static buffers => new Axpy(buffers[0], buffers[1]));

    /// <summary>z = x + a y.</summary>
    public static StreamWorkload Triad(int length, int threads) => new(length, 3, threads, static buffers => new Triad(buffers[0], buffers[1], buffers[2]));

    public double Run()
    {
        StepWorkers.Shared.Run(_work, _chunks, _threads);
        return 0;
    }

    public void Dispose()
    {
        foreach (var buffer in _buffers)
            buffer.Dispose();
    }
}
