using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Conditions;

public class ConditionCheckerTests
{
    private readonly TrainingConditionOptions _options = new() { UnknownBlocks = true };
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogger _logger = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_condition_that_throws_is_unknown_and_complained_about_once_until_it_works_again()
    {
        bool broken = true;
        var checker = Checker(
            new DelegateCondition("network", () => broken ? throw new IOException("no such device") : ConditionResult.Met),
            new DelegateCondition("other", static () => ConditionResult.NotMet("no")));
        var expected = new[] { new PauseReason("network", "its check failed: no such device"), new PauseReason("other", "no") };
        Assert.Equal(expected, await checker.CheckAsync(Cancelled));
        Assert.Equal(expected, await checker.CheckAsync(Cancelled));
        Assert.Equal("The condition network cannot be told: its check failed: no such device.", Assert.Single(_logger.Collector.GetSnapshot()).Message);

        broken = false;
        Assert.Single(await checker.CheckAsync(Cancelled));
        broken = true;
        await checker.CheckAsync(Cancelled);
        Assert.Equal(2, _logger.Collector.Count);

        _options.UnknownBlocks = false;
        Assert.Equal([expected[1]], await checker.CheckAsync(Cancelled));
    }

    [Fact]
    public async Task A_condition_that_hangs_is_unknown_after_the_limit()
    {
        var check = Checker(new Hanging()).CheckAsync(Cancelled).AsTask();
        Assert.False(check.IsCompleted);
        _time.Advance(_options.CheckTimeout);
        Assert.Equal([new PauseReason("hanging", "its check took longer than 00:00:05")], await check);
    }

    [Fact]
    public async Task A_stop_ends_the_check()
    {
        using var stop = new CancellationTokenSource();
        var check = Checker(new Hanging()).CheckAsync(stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => check);
    }

    private ConditionChecker Checker(params ITrainingCondition[] conditions) => new(conditions, () => _options, _time, _logger);

    /// <summary>Does not even look at its token.</summary>
    private sealed class Hanging : ITrainingCondition
    {
        public string Name => "hanging";

        public async ValueTask<ConditionResult> CheckAsync(CancellationToken cancellationToken)
        {
            await new TaskCompletionSource().Task;
            return ConditionResult.Met;
        }
    }
}
