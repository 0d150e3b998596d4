using Microsoft.Extensions.Logging.Testing;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Conditions;

public class MachineConditionsTests
{
    private readonly FakeMachine _machine = new();
    private readonly SettableTime _time = new();
    private readonly TrainingConditionOptions _options = new();
    private readonly ConditionChecker _checker;

    public MachineConditionsTests()
    {
        var conditions = new MachineConditions(
            () => _options, _machine, _machine, _machine, _machine, _machine, new BusyShareMeter(_machine, _machine));
        _checker = new ConditionChecker(
            [new WindowCondition(() => _options, _time), .. conditions.All()], () => _options, _time, new FakeLogger());
    }

    [Fact]
    public async Task Nothing_that_is_not_asked_about_holds_training_up() => Assert.Equal("", await ReasonsAsync());

    [Fact]
    public async Task What_is_unknown_holds_training_up_only_where_the_options_say_so()
    {
        (_options.OnAcPower, _options.MinimumIdle, _options.MaximumTemperature) = (true, TimeSpan.FromMinutes(5), 80);
        (_options.MinimumBatteryPercent, _options.MinimumFreeMemory, _options.MaximumBusyShare) = (50, 1, 0.5);
        _options.MaximumCpuPressure = _options.MaximumMemoryPressure = _options.MaximumIoPressure = 10;
        Assert.Equal("", await ReasonsAsync());

        _options.UnknownBlocks = true;
        Assert.Equal(
            "idle: it is not known when the machine was used last; power: it is not known whether the machine runs on its battery; "
            + "battery: the charge of the battery is not known; temperature: the temperature of the processor is not known; "
            + "cpu-pressure: it is not known how long work waits for a processor; memory-pressure: it is not known how long work waits for memory; "
            + "io-pressure: it is not known how long work waits for disks; busy: it is not known what other processes take of the processors; "
            + "memory: it is not known how much memory is left",
            await ReasonsAsync());
    }

    [Fact]
    public async Task The_machine_must_not_have_been_used_lately()
    {
        _options.MinimumIdle = TimeSpan.FromMinutes(10);
        _machine.Idle = new UserIdle(new TimeSpan(0, 9, 30));
        Assert.Equal("idle: the machine was used 0.00:09:30 ago, less than 00:10:00", await ReasonsAsync());
        _machine.Idle = new UserIdle(TimeSpan.FromMinutes(10));
        Assert.Equal("", await ReasonsAsync());
    }

    [Fact]
    public async Task A_session_that_may_be_used_unseen_is_unknown_unless_it_was_seen()
    {
        (_options.MinimumIdle, _options.UnknownBlocks) = (TimeSpan.FromMinutes(10), true);
        _machine.Idle = new UserIdle(TimeSpan.FromHours(1), MayBeLess: true);
        Assert.Equal("idle: a graphical session does not show when it was used last", await ReasonsAsync());
        _options.UnknownBlocks = false;
        Assert.Equal("", await ReasonsAsync());
        _machine.Idle = new UserIdle(TimeSpan.FromMinutes(1), MayBeLess: true);
        Assert.Equal("idle: the machine was used 0.00:01:00 ago, less than 00:10:00", await ReasonsAsync());
    }

    [Fact]
    public async Task The_machine_must_be_plugged_in_and_charged()
    {
        (_options.OnAcPower, _options.MinimumBatteryPercent) = (true, 40);
        _machine.Power = new PowerReading(false, 39, true);
        Assert.Equal("power: the machine runs on its battery; battery: the battery is at 39 %, less than 40 %", await ReasonsAsync());
        _machine.Power = new PowerReading(true, 40, true);
        Assert.Equal("", await ReasonsAsync());
        _options.UnknownBlocks = true;
        _machine.Power = new PowerReading(true, null, false);
        Assert.Equal("", await ReasonsAsync());
    }

    [Fact]
    public async Task The_processor_must_be_cool()
    {
        _options.MaximumTemperature = 75;
        _machine.Celsius = 75.5;
        Assert.Equal("temperature: the processor has 75.5 °C, more than 75 °C", await ReasonsAsync());
        _machine.Celsius = 75;
        Assert.Equal("", await ReasonsAsync());
    }

    [Fact]
    public async Task Work_must_not_wait_for_what_is_scarce()
    {
        (_options.MaximumCpuPressure, _options.MaximumMemoryPressure, _options.MaximumIoPressure) = (20, 5, 30);
        (_machine.Pressure[PressureKind.Cpu], _machine.Pressure[PressureKind.Memory], _machine.Pressure[PressureKind.Io]) = (20, 5, 30.5);
        Assert.Equal("io-pressure: work waits for disks in 30.5 % of the time, more than 30 %", await ReasonsAsync());
        (_machine.Pressure[PressureKind.Cpu], _machine.Pressure[PressureKind.Io]) = (50, 0);
        Assert.Equal("cpu-pressure: work waits for a processor in 50 % of the time, more than 20 %", await ReasonsAsync());
    }

    [Fact]
    public async Task What_other_processes_take_counts_without_what_this_one_takes()
    {
        _options.MaximumBusyShare = 0.25;
        _machine.Times = new ProcessorTimes(TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(200));
        _machine.ProcessorTime = TimeSpan.FromSeconds(50);
        Assert.Equal("busy: what other processes take of the processors is being measured", await ReasonsAsync());

        // 9 of 10 seconds busy, 7 of them by this process.
        Pass(busy: 9, own: 7, total: 10);
        Assert.Equal("", await ReasonsAsync());
        Pass(busy: 9, own: 6, total: 10);
        Assert.Equal("busy: other processes take 0.30 of the processors, more than 0.25", await ReasonsAsync());
        // Too short to say anything else.
        Pass(busy: 0, own: 0, total: 0.1);
        Assert.Equal("busy: other processes take 0.30 of the processors, more than 0.25", await ReasonsAsync());
        Pass(busy: 2, own: 3, total: 10);
        Assert.Equal("", await ReasonsAsync());
    }

    [Fact]
    public async Task Memory_must_be_left()
    {
        _options.MinimumFreeMemory = 500_000_000;
        _machine.AvailableBytes = 499_000_000;
        Assert.Equal("memory: 499 MB of memory are left, less than 500 MB", await ReasonsAsync());
        _machine.AvailableBytes = 500_000_000;
        Assert.Equal("", await ReasonsAsync());
    }

    [Fact]
    public async Task The_window_must_be_open_and_a_change_of_it_holds_at_once()
    {
        _options.Window.Add("* 1-5 * * *");
        Assert.Equal("window: Thu 00:00 is not in the window * 1-5 * * *", await ReasonsAsync());
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("", await ReasonsAsync());
        _options.Window[0] = "* 7 * * *";
        Assert.Equal("window: Thu 01:00 is not in the window * 7 * * *", await ReasonsAsync());
    }

    private void Pass(double busy, double own, double total)
    {
        _machine.Times = new ProcessorTimes(
            _machine.Times!.Value.Busy + TimeSpan.FromSeconds(busy), _machine.Times.Value.Total + TimeSpan.FromSeconds(total));
        _machine.ProcessorTime += TimeSpan.FromSeconds(own);
    }

    private async Task<string> ReasonsAsync()
    {
        var reasons = await _checker.CheckAsync(TestContext.Current.CancellationToken);
        return string.Join("; ", reasons.Select(static reason => $"{reason.Condition}: {reason.Reason}"));
    }
}
