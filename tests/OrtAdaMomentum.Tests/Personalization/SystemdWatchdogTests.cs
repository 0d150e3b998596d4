using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization;

public sealed class SystemdWatchdogTests : IDisposable
{
    private const int ProcessId = 4711;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeLogCollector _logs = new();
    private readonly Dictionary<string, string> _environment;
    private readonly Socket _systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public SystemdWatchdogTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no datagrams over Unix domain sockets.");
        _systemd.Bind(new UnixDomainSocketEndPoint(_folder["notify"]));
        _environment = new Dictionary<string, string>
        {
            ["NOTIFY_SOCKET"] = _folder["notify"], ["WATCHDOG_USEC"] = "60000000", ["WATCHDOG_PID"] = "4711",
        };
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _systemd.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_is_answered_twice_in_its_time_with_what_is_served()
    {
        await using var host = await ServiceHost.StartAsync(_folder, engine: new FakeEngine());
        using var watchdog = Watchdog(host);
        await watchdog.StartAsync(Cancelled);

        Assert.Matches(@"^WATCHDOG=1\nSTATUS=default v0-\w+, Idle$", await ReceiveAsync());
        host.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(0, _systemd.Available);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.StartsWith("WATCHDOG=1\n", await ReceiveAsync(), StringComparison.Ordinal);
        await watchdog.StopAsync(Cancelled);
    }

    [Fact]
    public async Task A_service_that_has_ended_is_not_answered_for()
    {
        await using var host = await ServiceHost.StartAsync(_folder, engine: new FakeEngine());
        using var watchdog = Watchdog(host);
        await watchdog.StartAsync(Cancelled);
        await ReceiveAsync();

        await host.StopAsync();
        host.Time.Advance(TimeSpan.FromSeconds(30));
        while (!_logs.GetSnapshot().Any(static record => record.Id.Id == 11))
            await Task.Yield();

        Assert.Equal(0, _systemd.Available);
        Assert.Contains(_logs.GetSnapshot(), static record => record.Message.Contains("'default' has ended", StringComparison.Ordinal));
        await watchdog.StopAsync(Cancelled);
    }

    [Fact]
    public async Task A_socket_that_is_gone_is_logged_and_tried_again()
    {
        await using var host = await ServiceHost.StartAsync(_folder, engine: new FakeEngine());
        using var watchdog = Watchdog(host);
        File.Move(_folder["notify"], _folder["away"]);
        await watchdog.StartAsync(Cancelled);
        while (!_logs.GetSnapshot().Any(static record => record.Id.Id == 12))
            await Task.Yield();

        File.Move(_folder["away"], _folder["notify"]);
        host.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.StartsWith("WATCHDOG=1\n", await ReceiveAsync(), StringComparison.Ordinal);
        await watchdog.StopAsync(Cancelled);
    }

    [Fact]
    public void A_name_of_the_abstract_namespace_is_one_that_begins_with_a_zero_byte()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has abstract names.");
        string name = $"ort-ada-{Guid.NewGuid():N}";
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint("\0" + name));
        _environment["NOTIFY_SOCKET"] = "@" + name;

        Read()!.Send("WATCHDOG=1");

        byte[] buffer = new byte[100];
        Assert.Equal("WATCHDOG=1", Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer)));
    }

    [Theory]
    [InlineData("NOTIFY_SOCKET", "")]
    [InlineData("WATCHDOG_USEC", "")]
    [InlineData("WATCHDOG_USEC", "0")]
    [InlineData("WATCHDOG_USEC", "soon")]
    [InlineData("WATCHDOG_USEC", "9223372036854775807")]
    [InlineData("WATCHDOG_PID", "4712")]
    public void Nothing_is_sent_where_no_watchdog_is_meant_for_this_process(string variable, string value)
    {
        _environment[variable] = value;

        Assert.Null(Read());
    }

    [Fact]
    public void A_watchdog_that_names_no_process_is_meant_for_this_one()
    {
        _environment.Remove("WATCHDOG_PID");

        Assert.Equal(TimeSpan.FromMinutes(1), Read()!.Watchdog);
    }

    private SystemdNotification? Read() => SystemdNotification.Read(_environment.GetValueOrDefault, ProcessId);

    private SystemdWatchdog Watchdog(ServiceHost host) =>
        new(host.Get<IFineTuningModels>(), Read(), host.Time, new FakeLogger<SystemdWatchdog>(_logs));

    private async Task<string> ReceiveAsync()
    {
        byte[] buffer = new byte[1000];
        return Encoding.UTF8.GetString(buffer, 0, await _systemd.ReceiveAsync(buffer, Cancelled));
    }
}
