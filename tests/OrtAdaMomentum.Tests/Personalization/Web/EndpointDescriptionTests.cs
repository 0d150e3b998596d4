using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Web;

/// <summary>What descriptions of the interface, such as OpenAPI, are made of.</summary>
public sealed partial class EndpointDescriptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Exactly_the_documented_requests_are_described_each_with_a_name_of_its_own_and_its_answers()
    {
        await using var host = await WebHost.StartAsync(_folder, build: static builder => builder.Services.AddEndpointsApiExplorer());
        var described = host.Get<IApiDescriptionGroupCollectionProvider>().ApiDescriptionGroups.Items.SelectMany(static group => group.Items).ToList();
        var documented = DocumentedRequest().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "http-api.md")))
            .Select(static row => (Method: row.Groups[1].Value, Path: row.Groups[2].Value))
            .ToList();

        Assert.NotEmpty(documented);
        Assert.Equal(
            documented.Select(static request => $"{request.Method} fine-tuning/{request.Path}")
                .Concat(documented.Where(static request => request.Path != "models").Select(static request => $"{request.Method} fine-tuning/{{model}}/{request.Path}"))
                .Order(StringComparer.Ordinal),
            described.Select(static request => $"{request.HttpMethod} {request.RelativePath}").Order(StringComparer.Ordinal));
        var names = described.Select(static request => request.ActionDescriptor.EndpointMetadata.OfType<IEndpointNameMetadata>().Single().EndpointName).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(described, static request =>
        {
            Assert.NotEmpty(request.ActionDescriptor.EndpointMetadata.OfType<IEndpointSummaryMetadata>());
            Assert.Contains(request.SupportedResponseTypes, static answer => answer.StatusCode is 200 or 204);
            Assert.Contains(request.SupportedResponseTypes, static answer => answer.StatusCode == 403);
        });
    }

    [Fact]
    public async Task Two_mappings_have_names_of_their_own()
    {
        await using var host = await WebHost.StartAsync(_folder, map: static application =>
        {
            application.MapFineTuning();
            application.MapFineTuning("/internal/tuning");
        });

        Assert.Equal("default", (await host.GetJsonAsync("/internal/tuning/status")).GetProperty("model").GetString());
        var names = host.Get<EndpointDataSource>().Endpoints.Select(static endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName).OfType<string>().ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
    }

    [Fact]
    public async Task Programs_without_reflection_have_the_types_of_the_interface_for_its_description()
    {
        await using var host = await WebHost.StartAsync(_folder, build: static builder =>
        {
            builder.Services.AddEndpointsApiExplorer();
            builder.Services.ConfigureHttpJsonOptions(static options => options.SerializerOptions.TypeInfoResolverChain.Clear());
        });
        var described = host.Get<IApiDescriptionGroupCollectionProvider>().ApiDescriptionGroups.Items.SelectMany(static group => group.Items).ToList();
        var types = described.SelectMany(static request => request.SupportedResponseTypes.Select(static answer => answer.Type))
            .Concat(described.SelectMany(static request => request.ParameterDescriptions.Select(static parameter => parameter.Type)))
            .Concat(described.SelectMany(static request => request.ActionDescriptor.EndpointMetadata.OfType<IAcceptsMetadata>().Select(static body => body.RequestType)))
            .Where(static type => type is not null && type != typeof(void))
            .Distinct()
            .ToList();

        Assert.NotEmpty(types);
        var json = host.Get<IOptions<JsonOptions>>().Value.SerializerOptions;
        Assert.All(types, type => Assert.True(json.TryGetTypeInfo(type!, out _), $"{type} is not known."));
    }

    [GeneratedRegex(@"^\| `(GET|POST|DELETE) ([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex DocumentedRequest();
}
