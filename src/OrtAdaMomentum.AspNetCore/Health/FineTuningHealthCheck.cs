using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>
/// The health of one model or of all: unhealthy where no version can answer requests, degraded where one answers but something else does not work, such
/// as storing samples or training.
/// </summary>
internal sealed class FineTuningHealthCheck(IFineTuningModels models, string? only) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = HealthStatus.Healthy;
        var reasons = new List<string>();
        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var model in models.All.Where(model => only is null || model.Name == only))
        {
            foreach (var (found, reason) in Findings(model))
            {
                status = found < status ? found : status;
                reasons.Add($"{model.Name}: {reason}");
            }

            await DescribeAsync(model, data, cancellationToken).ConfigureAwait(false);
        }

        return new HealthCheckResult(status, reasons.Count == 0 ? "The model is served, samples are stored and runs go well." : string.Join(" ", reasons), data: data);
    }

    /// <summary>How bad a problem is.</summary>
    public static HealthStatus StatusOf(FineTuningProblemKind kind) =>
        kind == FineTuningProblemKind.Serving ? HealthStatus.Unhealthy : HealthStatus.Degraded;

    private static IEnumerable<(HealthStatus Status, string Reason)> Findings(FineTuningModel model)
    {
        if (model.Ingest.Schema is null)
            yield return (HealthStatus.Unhealthy, "The service is starting or has stopped.");
        foreach (var problem in model.Monitor.Problems)
            yield return (StatusOf(problem.Kind), problem.Message);
    }

    private static async Task DescribeAsync(FineTuningModel model, Dictionary<string, object> data, CancellationToken cancellationToken)
    {
        data[model.Name + ".state"] = model.Monitor.State.ToString();
        if (model.Ingest.Schema is null)
            return;
        data[model.Name + ".version"] = model.Registry.Current.Label;
        data[model.Name + ".waiting"] = model.Ingest.Waiting;
        if (model.Monitor.Decisions is [var decision, ..])
            data[model.Name + ".decided"] = decision.Time;
        if (model.Monitor.LatestFailure is { } failure)
            data[model.Name + ".failed"] = failure.Time;
        try
        {
            var samples = await model.Store.CountAsync(cancellationToken).ConfigureAwait(false);
            data[model.Name + ".samples"] = samples.Total;
            data[model.Name + ".samples.new"] = samples.New;
        }
        catch (SampleStoreException)
        {
            // Among the problems already, as the store reports itself.
        }
    }
}
