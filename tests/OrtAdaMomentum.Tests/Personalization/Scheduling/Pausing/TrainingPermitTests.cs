using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Pausing;

public sealed class TrainingPermitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SettableTime _time = new();
    private readonly SwitchCondition _condition = new();
    private readonly TrainingConditionOptions _options = new();
    private readonly FakeLogCollector _logs = new();
    private readonly List<string> _changes = [];
    private readonly TrainingPermit _permit;

    public TrainingPermitTests() => _permit = Create();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _permit.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_is_closed_until_conditions_were_checked_and_opens_at_once_when_all_are_met()
    {
        _permit.Open();
        var opened = _permit.WhenOpen;
        Assert.False(_permit.IsOpen || opened.IsCompleted);
        Assert.Equal("settling: conditions are being checked", Reasons());
        await CheckAsync();
        Assert.True(_permit.IsOpen && opened.IsCompleted);
    }

    [Fact]
    public async Task A_condition_that_is_lost_closes_it_and_it_opens_when_all_have_been_met_for_long_enough()
    {
        await CheckAsync();
        _condition.IsMet = false;
        await CheckAsync();
        Assert.Equal("switch: the switch is off", Reasons());
        Assert.False(_permit.WhenOpen.IsCompleted);

        _condition.IsMet = true;
        await CheckAsync();
        Assert.Equal("settling: all conditions are met again, but not yet for 00:00:30", Reasons());
        await CheckAsync(after: 29);
        Assert.False(_permit.IsOpen);
        await CheckAsync(after: 1);
        Assert.True(_permit.IsOpen);
        Assert.Equal(["", "switch", "settling", ""], _changes);
    }

    [Fact]
    public async Task A_condition_that_comes_and_goes_does_not_open_it()
    {
        await CheckAsync();
        for (int round = 0; round < 20; round++)
        {
            _condition.IsMet = round % 5 != 0;
            await CheckAsync(after: 5);
            Assert.Equal(round == 0, !_permit.IsOpen && Reasons().StartsWith("switch", StringComparison.Ordinal) && _changes.Count == 2);
            Assert.False(_permit.IsOpen);
        }
    }

    [Fact]
    public async Task A_pause_by_hand_holds_until_it_is_ended_and_takes_no_time_to_settle()
    {
        await CheckAsync();
        await _permit.PauseAsync("maintenance", Cancelled);
        Assert.Equal("manual: maintenance", Reasons());
        await CheckAsync(after: 3600);
        await _permit.PauseAsync("still maintenance", Cancelled);
        _condition.IsMet = false;
        await CheckAsync();
        Assert.Equal("manual: still maintenance; switch: the switch is off", Reasons());
        _condition.IsMet = true;
        await CheckAsync();
        await CheckAsync(after: 30);
        Assert.Equal("manual: still maintenance", Reasons());
        await _permit.ResumeAsync(Cancelled);
        Assert.True(_permit.IsOpen);
        await _permit.ResumeAsync(Cancelled);
        Assert.True(_permit.IsOpen);
    }

    [Fact]
    public async Task A_pause_by_hand_is_there_again_after_a_restart_until_it_is_ended()
    {
        await _permit.PauseAsync("maintenance", Cancelled);
        using (var next = Create())
        {
            next.Open();
            await next.CheckAsync(Cancelled);
            Assert.Equal([new PauseReason("manual", "maintenance")], next.Reasons);
            await next.ResumeAsync(Cancelled);
        }

        using var last = Create();
        last.Open();
        await last.CheckAsync(Cancelled);
        Assert.True(last.IsOpen);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"reason\":")]
    [InlineData("{}")]
    [InlineData("null")]
    public async Task A_damaged_pause_stays_a_pause_says_so_and_can_be_ended(string content)
    {
        File.WriteAllText(_folder["pause.json"], content);
        _permit.Open();
        await CheckAsync();
        Assert.Equal($"manual: '{_folder["pause.json"]}' cannot be read", Reasons());
        Assert.Single(_logs.GetSnapshot(), static record => record.Level == LogLevel.Error);

        await _permit.ResumeAsync(Cancelled);
        Assert.True(_permit.IsOpen);
        Assert.False(File.Exists(_folder["pause.json"]));
    }

    [Fact]
    public async Task A_pause_that_cannot_be_kept_holds_all_the_same_and_says_so()
    {
        using var permit = Create(_folder["missing"]);
        await permit.CheckAsync(Cancelled);
        var error = await Assert.ThrowsAsync<FineTuningException>(() => permit.PauseAsync("maintenance", Cancelled));
        Assert.StartsWith("Training is paused, but would go on after a restart: ", error.Message, StringComparison.Ordinal);
        Assert.False(permit.IsOpen);
    }

    [Theory]
    [InlineData(-400)]
    [InlineData(400)]
    public async Task A_clock_that_jumps_neither_shortens_nor_lengthens_the_time_to_settle(int days)
    {
        await CheckAsync();
        _condition.IsMet = false;
        await CheckAsync();
        _condition.IsMet = true;
        await CheckAsync();
        _time.Jump(TimeSpan.FromDays(days));
        await CheckAsync(after: 29);
        Assert.False(_permit.IsOpen);
        await CheckAsync(after: 1);
        Assert.True(_permit.IsOpen);
    }

    [Fact]
    public async Task Conditions_are_checked_at_every_interval_also_after_the_clock_was_put_back()
    {
        await CheckAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var running = _permit.RunAsync(stop.Token);
        _condition.IsMet = false;
        _time.Advance(_options.CheckInterval - TimeSpan.FromTicks(1));
        Assert.True(_permit.IsOpen);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.False(_permit.IsOpen);

        _time.Jump(-TimeSpan.FromDays(10));
        _condition.IsMet = true;
        for (int check = 0; check < 8; check++)
        {
            Assert.False(_permit.IsOpen && check < 7);
            _time.Advance(_options.CheckInterval);
        }

        Assert.True(_permit.IsOpen);
        await stop.CancelAsync();
        await running;
    }

    private async Task CheckAsync(double after = 0)
    {
        _time.Advance(TimeSpan.FromSeconds(after));
        await _permit.CheckAsync(Cancelled);
    }

    private string Reasons() => string.Join("; ", _permit.Reasons.Select(static reason => $"{reason.Condition}: {reason.Reason}"));

    private TrainingPermit Create(string? folder = null) =>
        new(
            new ConditionChecker([_condition], () => _options, _time, new FakeLogger(_logs)),
            new ManualPauseFile(folder ?? _folder.Path),
            () => _options,
            reasons => _changes.Add(string.Join(',', reasons.Select(static reason => reason.Condition))),
            _time,
            new FakeLogger<TrainingPermit>(_logs));
}
