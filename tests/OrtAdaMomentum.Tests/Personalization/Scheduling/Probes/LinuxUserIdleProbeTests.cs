using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Probes;

public sealed class LinuxUserIdleProbeTests : IDisposable
{
    private readonly LinuxTree _tree = new();
    private readonly SettableTime _time = new();
    private readonly LinuxUserIdleProbe _probe;

    public LinuxUserIdleProbeTests() => _probe = new LinuxUserIdleProbe(_tree.Files, _time);

    private DateTimeOffset Now => _time.GetUtcNow();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void A_machine_without_anything_to_type_on_is_idle() => Assert.Equal(new UserIdle(TimeSpan.MaxValue), _probe.Read());

    [Fact]
    public void The_terminal_that_was_read_last_counts_and_other_devices_do_not()
    {
        _tree.ReadAt("dev/tty1", Now - TimeSpan.FromHours(3));
        _tree.ReadAt("dev/pts/0", Now - TimeSpan.FromMinutes(7));
        _tree.ReadAt("dev/input/event0", Now - TimeSpan.FromHours(2));
        _tree.ReadAt("dev/ttyS0", Now);
        _tree.ReadAt("dev/tty", Now);
        _tree.ReadAt("dev/pts/ptmx", Now);
        Assert.Equal(new UserIdle(TimeSpan.FromMinutes(7)), _probe.Read());
    }

    [Fact]
    public void Idle_time_grows_until_somebody_types()
    {
        _tree.ReadAt("dev/tty1", Now - TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromMinutes(1), Idle());
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(TimeSpan.FromMinutes(5), Idle());
        _time.Advance(TimeSpan.FromSeconds(10));
        _tree.ReadAt("dev/tty1", Now - TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(2), Idle());
    }

    [Fact]
    public void A_key_of_a_keyboard_with_an_interrupt_of_its_own_counts()
    {
        _tree.ReadAt("dev/tty1", Now - TimeSpan.FromHours(1));
        _tree.With("proc/interrupts", "           CPU0       CPU1\n   1:        100          0  IO-APIC   1-edge      i8042\n  24:  5  5 xhci");
        Assert.Equal(TimeSpan.FromHours(1), Idle());
        _time.Advance(TimeSpan.FromSeconds(5));
        _tree.With("proc/interrupts", "           CPU0       CPU1\n   1:        102          0  IO-APIC   1-edge      i8042\n  24:  9  5 xhci");
        Assert.Equal(TimeSpan.FromSeconds(5), Idle());
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(10), Idle());
    }

    [Fact]
    public void A_clock_that_is_put_back_does_not_make_the_machine_used_for_ever()
    {
        _tree.ReadAt("dev/tty1", Now - TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromMinutes(1), Idle());
        _time.Jump(-TimeSpan.FromDays(30));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromMinutes(2), Idle());
    }

    [Fact]
    public void An_input_in_the_future_at_the_start_counts_as_now_and_ages()
    {
        _tree.ReadAt("dev/tty1", Now + TimeSpan.FromDays(30));
        Assert.Equal(TimeSpan.Zero, Idle());
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(TimeSpan.FromMinutes(3), Idle());
    }

    [Fact]
    public void A_clock_that_is_put_forward_makes_no_idle_time()
    {
        _tree.ReadAt("dev/tty1", Now - TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromMinutes(1), Idle());
        _time.Jump(TimeSpan.FromDays(30));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromMinutes(2), Idle());
    }

    [Fact]
    public void A_terminal_that_is_closed_was_used_since_the_latest_look()
    {
        _tree.ReadAt("dev/tty1", Now - TimeSpan.FromHours(3));
        _tree.ReadAt("dev/pts/3", Now - TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.FromHours(1), Idle());
        _time.Advance(TimeSpan.FromSeconds(5));
        _tree.Remove("dev/pts/3");
        Assert.Equal(TimeSpan.FromSeconds(5), Idle());
    }

    [Theory]
    [InlineData("run/systemd/sessions/2", "UID=1000\nTYPE=wayland\nCLASS=user")]
    [InlineData("tmp/.X11-unix/X0", "")]
    [InlineData("run/user/1000/wayland-0", "")]
    public void A_graphical_session_may_have_been_used_unseen(string path, string content)
    {
        _tree.ReadAt("dev/tty1", Now - TimeSpan.FromHours(3));
        Assert.False(_probe.Read()!.Value.MayBeLess);
        _tree.With("run/systemd/sessions/1", "TYPE=tty");
        Assert.False(_probe.Read()!.Value.MayBeLess);
        _tree.With(path, content);
        Assert.Equal(new UserIdle(TimeSpan.FromHours(3), MayBeLess: true), _probe.Read());
    }

    [Fact]
    public void A_process_that_does_not_see_the_machines_terminals_knows_nothing()
    {
        _tree.With("sys/class/tty/tty0/dev", "4:0").ReadAt("dev/pts/0", Now);
        Assert.Null(_probe.Read());
    }

    private TimeSpan Idle() => Assert.NotNull(_probe.Read()).Time;
}
