using OrtAdaMomentum.Kernels;

namespace OrtAdaMomentum.Tests.Kernels;

/// <summary>Threads that do the pieces of a kernel from the last to the first, several at once: no result may depend on that.</summary>
internal static unsafe class TestThreads
{
    public static KernelThreads Several => new(&Run, null);

    private static void Run(void* runner, delegate*<void*, int, void> piece, void* state, int count)
    {
        nint method = (nint)piece, argument = (nint)state;
        int next = count;
        Thread[] workers = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            for (int index = Interlocked.Decrement(ref next); index >= 0; index = Interlocked.Decrement(ref next))
                ((delegate*<void*, int, void>)method)((void*)argument, index);
        }))];
        foreach (var worker in workers)
            worker.Start();
        foreach (var worker in workers)
            worker.Join();
    }
}
