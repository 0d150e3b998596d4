using System.Runtime.Versioning;

namespace OrtAdaMomentum.Personalization;

/// <summary>Asks <c>GetLastInputInfo</c>, which knows the session that the process runs in alone: a Windows service, in session 0, sees no user.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WindowsUserIdleProbe : IUserIdleProbe
{
    public UserIdle? Read()
    {
        if (!Environment.UserInteractive)
            return null;
        var input = new WindowsSystem.LastInput { Size = (uint)sizeof(WindowsSystem.LastInput) };
        if (WindowsSystem.GetLastInputInfo(&input) == 0)
            return null;
        // Both count milliseconds since the start of the system and begin anew after 49 days; the difference is right all the same.
        return new UserIdle(TimeSpan.FromMilliseconds(unchecked((uint)Environment.TickCount - input.Tick)));
    }
}
