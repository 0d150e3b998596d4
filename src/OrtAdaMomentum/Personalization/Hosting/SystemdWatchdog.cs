using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Tells systemd's watchdog that the service lives, twice in the time that it waits, for as long as every model is served and takes samples. When one
/// is not, or when this process gets nothing done any more, systemd hears nothing and starts the service anew.
/// </summary>
internal sealed class SystemdWatchdog(
    IFineTuningModels models, SystemdNotification? notification, TimeProvider time, ILogger<SystemdWatchdog> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (notification is null)
            return;
        Log.WatchdogStarted(logger, notification.Watchdog);
        using var timer = new PeriodicTimer(notification.Watchdog / 2, time);
        bool lived = true;
        try
        {
            do
            {
                string? dead = models.All.Select(Problem).FirstOrDefault(static problem => problem is not null);
                if (dead is null)
                    Send(notification, $"WATCHDOG=1\nSTATUS={string.Join("; ", models.All.Select(Describe))}");
                else if (lived)
                    Log.WatchdogSilent(logger, dead);
                lived = dead is null;
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the service is told by who started it.
        }
    }

    /// <summary>Why a model's service does not live; null when it does.</summary>
    private static string? Problem(FineTuningModel model)
    {
        if (model.Ingest.Schema is null)
            return $"The service of model '{model.Name}' has ended.";
        try
        {
            using var lease = model.Server.Acquire();
            return null;
        }
        catch (InvalidOperationException error)
        {
            return $"No version of model '{model.Name}' is served: {error.Message}";
        }
    }

    private static string Describe(FineTuningModel model)
    {
        string state = model.Monitor.Problems is [var problem, ..] ? $"{model.Monitor.State}, {problem.Kind} problem" : model.Monitor.State.ToString();
        return $"{model.Name} {model.Server.Version.Label}, {state}";
    }

    private void Send(SystemdNotification notification, string lines)
    {
        try
        {
            notification.Send(lines);
        }
        catch (SocketException error)
        {
            Log.WatchdogUnreachable(logger, error);
        }
    }
}
