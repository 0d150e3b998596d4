using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.Optimizers;

public class StepWorkersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Every_piece_is_done_once_in_every_run(int threads)
    {
        StepWorkers workers = new();
        foreach (int pieces in new[] { 0, 1, 2, 7, 100 })
        {
            Counting work = new(pieces);
            for (int run = 1; run <= 500; run++)
            {
                workers.Run(work, pieces, threads);
                Assert.All(work.Done, done => Assert.Equal(run, done));
            }
        }
    }

    [Fact]
    public void Callers_that_come_together_are_all_served()
    {
        StepWorkers workers = new();
        Parallel.For(0, 4, _ =>
        {
            Counting work = new(20);
            for (int run = 1; run <= 500; run++)
            {
                workers.Run(work, 20, 3);
                Assert.All(work.Done, done => Assert.Equal(run, done));
            }
        });
    }

    [Fact]
    public void A_failure_reaches_the_caller_and_the_next_run_works()
    {
        StepWorkers workers = new();
        for (int i = 0; i < 100; i++)
            Assert.Throws<InvalidOperationException>(() => workers.Run(new Failing(), 50, 3));
        Counting work = new(50);
        workers.Run(work, 50, 3);

        Assert.All(work.Done, done => Assert.Equal(1, done));
    }

    [Fact]
    public void Helpers_help()
    {
        // Each piece waits for another thread to arrive, which never happens without a helper.
        StepWorkers workers = new();
        Meeting work = new();
        workers.Run(work, 2, 2);

        Assert.Equal(2, work.Threads);
    }

    private sealed class Counting(int pieces) : IChunkWork
    {
        public int[] Done { get; } = new int[pieces];

        public void Execute(int chunk) => Interlocked.Increment(ref Done[chunk]);
    }

    private sealed class Failing : IChunkWork
    {
        public void Execute(int chunk) => throw new InvalidOperationException("piece failed");
    }

    private sealed class Meeting : IChunkWork
    {
        private int _arrived;
        private int _threads;

        public int Threads => _threads;

        public void Execute(int chunk)
        {
            Interlocked.Increment(ref _arrived);
            if (SpinWait.SpinUntil(() => Volatile.Read(ref _arrived) == 2, TimeSpan.FromSeconds(30)))
                Interlocked.Increment(ref _threads);
        }
    }
}
