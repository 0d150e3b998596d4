using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Samples.EdgeFineTune.Serve;

/// <summary>Metrics to be scraped at <c>/metrics</c>, and metrics and traces pushed to a collector where the environment names one.</summary>
internal static class Monitoring
{
    private const string Collector = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void AddMonitoring(this IServiceCollection services, bool push)
    {
        services.AddOpenTelemetry()
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(FineTuningMetrics.Name, "Microsoft.AspNetCore.Hosting", "System.Runtime").AddPrometheusExporter();
                if (push)
                    metrics.AddOtlpExporter();
            })
            .WithTracing(traces =>
            {
                traces.AddSource(FineTuningMetrics.Name);
                if (push)
                    traces.AddOtlpExporter();
            });
    }

    /// <summary>Whether the environment names a collector, as all programs with OpenTelemetry take it.</summary>
    public static bool IsCollectorNamed => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Collector));
}
