using System.Runtime.CompilerServices;
using OrtAdaMomentum.Threading;

namespace OrtAdaMomentum.Tests.Threading;

public sealed class WorkThreadTests
{
    [Fact]
    public async Task A_thread_that_waits_keeps_nothing_of_what_it_did()
    {
        using var thread = new WorkThread("test", static body => body());
        var used = await UseAsync(thread);

        // The thread may still be on its way out of the work whose result is here already.
        for (int attempt = 0; used.IsAlive && attempt < 1000; attempt++)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
            GC.Collect();
        }

        Assert.False(used.IsAlive);
    }

    [Fact]
    public async Task Work_is_done_in_order_on_the_one_thread_and_its_errors_go_to_who_gave_it()
    {
        using var thread = new WorkThread("test", static body => body());
        var first = thread.RunAsync(() => (thread.IsCurrent, Environment.CurrentManagedThreadId));
        var failing = thread.RunAsync<int>(static () => throw new InvalidDataException("wrong"));
        var last = thread.RunAsync(static () => Environment.CurrentManagedThreadId);

        Assert.Equal("wrong", (await Assert.ThrowsAsync<InvalidDataException>(() => failing)).Message);
        Assert.Equal((true, await last), await first);
        Assert.False(thread.IsCurrent);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> UseAsync(WorkThread thread)
    {
        byte[] bytes = new byte[1000];
        Assert.Equal(1000, await thread.RunAsync(() => bytes.Length));
        return new WeakReference(bytes);
    }
}
