using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrtAdaMomentum.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the health of the fine-tuning service to that of the host.</summary>
public static class FineTuningHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check that is unhealthy where a model cannot answer requests, degraded where it can but something else is wrong, and tells version, state,
    /// samples and the times of the latest decision and failure as data, whose names begin with the model's.
    /// </summary>
    /// <param name="builder">The checks of the host.</param>
    /// <param name="name">Name of the check.</param>
    /// <param name="model">The model that it is about; null for all of the host together.</param>
    /// <param name="tags">What checks are chosen by.</param>
    public static IHealthChecksBuilder AddFineTuningHealthChecks(
        this IHealthChecksBuilder builder, string name = "fine-tuning", string? model = null, params IEnumerable<string> tags)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return builder.Add(new HealthCheckRegistration(name, provider => Create(provider, model), failureStatus: null, tags));
    }

    private static FineTuningHealthCheck Create(IServiceProvider provider, string? model)
    {
        var models = provider.GetService<IFineTuningModels>()
            ?? throw new InvalidOperationException("No model was added. Call AddFineTuning on the services first.");
        return model is null || models.TryGet(model, out _)
            ? new FineTuningHealthCheck(models, model)
            : throw new InvalidOperationException($"There is no model '{model}' to check. Models: {string.Join(", ", models.All.Select(static known => known.Name))}.");
    }
}
