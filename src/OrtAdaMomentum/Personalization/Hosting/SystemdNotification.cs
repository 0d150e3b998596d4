using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// What systemd tells a service of type <c>notify</c> in its environment, and the way to answer: <c>sd_notify(3)</c> and
/// <c>sd_watchdog_enabled(3)</c>.
/// </summary>
internal sealed class SystemdNotification
{
    private readonly string _socketPath;

    private SystemdNotification(string socketPath, TimeSpan watchdog)
    {
        // A name that begins with '@' is one of the abstract namespace, which begins with a zero byte.
        _socketPath = socketPath[0] == '@' ? "\0" + socketPath[1..] : socketPath;
        Watchdog = watchdog;
    }

    /// <summary>Within this time systemd wants to hear of the service again.</summary>
    public TimeSpan Watchdog { get; }

    /// <summary>Reads the environment; null where no watchdog is meant for this process.</summary>
    /// <param name="variable">Gives a variable of the environment.</param>
    /// <param name="processId">The id of this process.</param>
    public static SystemdNotification? Read(Func<string, string?> variable, int processId)
    {
        string? socket = variable("NOTIFY_SOCKET");
        bool isOurs = variable("WATCHDOG_PID") is not { Length: > 0 } meant || meant == processId.ToString(CultureInfo.InvariantCulture);
        return !string.IsNullOrEmpty(socket)
            && isOurs
            && long.TryParse(variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds)
            && microseconds is > 0 and < long.MaxValue / 10
            ? new SystemdNotification(socket, TimeSpan.FromMicroseconds(microseconds))
            : null;
    }

    /// <summary>Sends lines of assignments.</summary>
    /// <exception cref="SocketException">Nobody listens.</exception>
    public void Send(string lines)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_socketPath));
        socket.Send(Encoding.UTF8.GetBytes(lines));
    }
}
