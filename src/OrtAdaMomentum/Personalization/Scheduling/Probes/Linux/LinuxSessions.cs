namespace OrtAdaMomentum.Personalization;

/// <summary>Tells whether somebody is logged in graphically: by the session files of systemd, and by the sockets of display servers.</summary>
internal sealed class LinuxSessions(LinuxFiles files)
{
    private const string Sessions = "run/systemd/sessions";

    public bool AnyGraphical() =>
        files.Names(Sessions).Any(name => IsGraphical(files.Read($"{Sessions}/{name}")))
        || files.Names("tmp/.X11-unix").Count > 0
        || files.Names("run/user").Any(user =>
            files.Names($"run/user/{user}").Any(static name => name.StartsWith("wayland-", StringComparison.Ordinal)));

    private static bool IsGraphical(string? session) =>
        session is not null && Array.Exists(session.Split('\n'), static line => line is "TYPE=x11" or "TYPE=wayland" or "TYPE=mir");
}
