using System.Diagnostics.Metrics;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>Tells of refused requests: counts them all, and logs some, so that whoever is refused cannot fill the disk.</summary>
internal sealed class RefusalReport(IMeterFactory meters, TimeProvider time, ILogger logger)
{
    private const int LoggedAtOnce = 20;

    private static readonly TimeSpan LoggedIn = TimeSpan.FromMinutes(1);

    private readonly Counter<long> _refused = meters.Create(FineTuningMetrics.Name).CreateCounter<long>(
        "ortadamomentum.web.refused", "{request}", "Requests that were not let in, by reason: outside, key, throttled.");

    private readonly Lock _lock = new();
    private LeakyBucket _logged;
    private long _unlogged;

    public void Tell(HttpContext context, RequestProblemException refusal)
    {
        _refused.Add(1, new KeyValuePair<string, object?>("reason", refusal.Status switch
        {
            StatusCodes.Status401Unauthorized => "key",
            StatusCodes.Status429TooManyRequests => "throttled",
            _ => "outside",
        }));
        long unlogged;
        lock (_lock)
        {
            if (_logged.WaitFor(LoggedAtOnce, LoggedIn, time) > TimeSpan.Zero)
            {
                _unlogged++;
                return;
            }

            _logged.Add(LoggedAtOnce, LoggedIn, time);
            (unlogged, _unlogged) = (_unlogged, 0);
        }

        if (unlogged > 0)
            WebLog.RefusalsNotLogged(logger, unlogged);
        WebLog.RequestRefused(logger, context.Request.Method, context.Request.Path, context.Connection.RemoteIpAddress?.ToString() ?? "unknown", refusal.Message);
    }
}
