using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>Puts the endpoints together.</summary>
internal static class FineTuningEndpoints
{
    /// <summary>First parts of the addresses below the prefix; a model with such a name could not be reached.</summary>
    private static readonly string[] Reserved = ["models", "schema", "status", "history", "versions", "subjects", "events", .. Posted];

    /// <summary>Addresses below the prefix that are only posted to. For GET they have the form of a model's page.</summary>
    public static IReadOnlyList<string> Posted => ["samples", "feedback", "predict", "runs", "rollback", "pause", "resume"];

    public static IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints, string prefix, IFineTuningModels models)
    {
        if (models.All.FirstOrDefault(static model => Reserved.Contains(model.Name, StringComparer.OrdinalIgnoreCase)) is { } hidden)
            throw new InvalidOperationException($"The model '{hidden.Name}' has the name of an endpoint and could not be reached. Give it another.");
        var services = endpoints.ServiceProvider;
        DescribeTypes(services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions);
        var options = new CurrentWebOptions(
            services.GetRequiredService<IOptionsMonitor<FineTuningWebOptions>>(), services.GetRequiredService<ILogger<CurrentWebOptions>>());
        var time = services.GetRequiredService<TimeProvider>();
        var limiter = new RequestLimiter(options);
        var work = new RequestWork(limiter, options, time);
        var report = new RefusalReport(services.GetRequiredService<IMeterFactory>(), time, services.GetRequiredService<ILogger<AccessControl>>());
        var access = new AccessControl(options, new FailedKeys(options, time), report);

        var all = endpoints.MapGroup(prefix).WithTags("fine-tuning");
        var interfaces = all.MapGroup("");
        interfaces.AddEndpointFilter(new FineTuningEndpointFilter(access, services.GetRequiredService<ILogger<FineTuningEndpointFilter>>()));
        string distinction = prefix == "/fine-tuning" ? "" : prefix;
        StatusEndpoints.MapModels(interfaces, new EndpointNaming(distinction));
        MapModel(interfaces, new EndpointNaming(distinction));
        MapModel(interfaces.MapGroup($"/{{{ModelLookup.RouteName}}}"), new EndpointNaming("OfModel" + distinction));
        var page = new PageEndpoints(access);
        page.Map(all);
        page.Map(all.MapGroup($"/{{{ModelLookup.RouteName}}}"));
        return all;

        void MapModel(RouteGroupBuilder group, EndpointNaming naming)
        {
            SchemaEndpoints.Map(group, naming);
            StatusEndpoints.Map(group, naming);
            new SampleEndpoints(work).Map(group, naming);
            new FeedbackEndpoints(work).Map(group, naming);
            new PredictEndpoints(work).Map(group, naming);
            new ControlEndpoints(services.GetRequiredService<ILogger<ControlEndpoints>>()).Map(group, naming);
            new EventEndpoints(limiter, time).Map(group, naming);
            ExportEndpoints.Map(group, naming);
        }
    }

    /// <summary>
    /// Lets who describes the interface, as OpenAPI does, find its types in a program without reflection. They come last: what the host has of a type stays.
    /// </summary>
    private static void DescribeTypes(JsonSerializerOptions json)
    {
        if (!json.IsReadOnly && !json.TypeInfoResolverChain.Contains(WebJson.Default))
            json.TypeInfoResolverChain.Add(WebJson.Default);
    }
}
