using System.Diagnostics.CodeAnalysis;
using OrtAdaMomentum.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the HTTP interface of the fine-tuning service.</summary>
public static class FineTuningEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps the interface of all models of the host: that of the model that was added first below the prefix, and that of each by its name below
    /// <c>{prefix}/{model}</c>. Only processes on the same machine are let in unless <see cref="FineTuningWebOptions"/> say otherwise.
    /// </summary>
    /// <param name="endpoints">Where to map.</param>
    /// <param name="prefix">Begins with a slash and does not end with one.</param>
    /// <returns>Everything that was mapped, to be added to.</returns>
    /// <exception cref="OptionsValidationException">The options are wrong; all problems are named.</exception>
    /// <exception cref="InvalidOperationException">No model was added, or one has the name of an endpoint.</exception>
    public static IEndpointConventionBuilder MapFineTuning(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix = "/fine-tuning")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrWhiteSpace(prefix);
        if (!prefix.StartsWith('/') || prefix.EndsWith('/'))
            throw new ArgumentException($"The prefix must begin with a slash and not end with one, was '{prefix}'.", nameof(prefix));
        var models = endpoints.ServiceProvider.GetService<IFineTuningModels>()
            ?? throw new InvalidOperationException("No model was added. Call AddFineTuning on the services first.");
        return FineTuningEndpoints.Map(endpoints, prefix, models);
    }
}
