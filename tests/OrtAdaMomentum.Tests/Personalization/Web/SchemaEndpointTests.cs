using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Web;

/// <summary>Whether <c>GET schema</c> says all that a client has to know.</summary>
public sealed class SchemaEndpointTests : IDisposable
{
    private const string Schema = "/fine-tuning/schema";
    private const string Samples = "/fine-tuning/samples";
    private const string Predict = "/fine-tuning/predict";

    private static readonly Dictionary<string, byte[]> _models = new()
    {
        ["classifier"] = TinyClassifier.Model(),
        ["sequences"] = SequenceReader.Model(),
        ["tags"] = SmallTransformer.Model(tags: true),
        ["outputs"] = SeveralOutputs(),
        ["steps in front"] = StepsInFront(),
        ["flags"] = Flags(),
    };

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("classifier", "cross-entropy")]
    [InlineData("classifier", "soft-cross-entropy")]
    [InlineData("classifier", "binary-cross-entropy")]
    [InlineData("classifier", "mse")]
    [InlineData("sequences", "ctc")]
    [InlineData("sequences", "ctc", "time=3", "labels[0]=2")]
    [InlineData("sequences", "soft-cross-entropy", "time=3")]
    [InlineData("tags", "cross-entropy")]
    [InlineData("tags", "cross-entropy", "mask[0]=2")]
    [InlineData("outputs", "cross-entropy")]
    [InlineData("steps in front", "cross-entropy", "time=3")]
    [InlineData("flags", "cross-entropy")]
    public async Task Whoever_knows_nothing_but_the_schema_sends_samples_and_requests_that_are_taken(string model, string loss, params string[] limits)
    {
        await using var host = await StartAsync(model, loss, limits);
        var schema = await host.GetJsonAsync(Schema);

        foreach (bool longest in new[] { false, true })
        {
            var client = new SchemaClient(schema, longest);
            var sample = client.Sample();
            // Short and long are the same where no axis is open.
            sample["key"] = longest ? "long" : "short";
            await host.PostAsync(Samples, sample.ToJsonString(), HttpStatusCode.OK);
            var answer = await host.PostAsync(Predict, client.Request().ToJsonString(), HttpStatusCode.OK);
            client.CheckAnswer(answer.GetProperty("outputs"));
        }

        var counts = await host.Model.Store.CountAsync(Cancelled);
        Assert.Equal((2, 0), (counts.Total, counts.Unlabelled));
    }

    [Fact]
    public async Task The_schema_of_a_classifier_is_its_inputs_its_labels_and_its_outputs()
    {
        await using var host = await StartAsync("classifier", "cross-entropy");

        Assert.Equal(
            """
            {"model":"default",
            "inputs":[{"name":"x","type":"float","elements":"number","axes":[{"extent":2}]}],
            "target":{"name":"labels","type":"int64","elements":"integer","axes":[],"kind":"ClassIndex","classLabels":true,"classes":2,"minimum":0,"maximum":1},
            "outputs":[{"name":"logits","type":"float","elements":"number","axes":[{"extent":2}]}]}
            """.ReplaceLineEndings(""),
            (await host.GetJsonAsync(Schema)).GetRawText());
    }

    [Fact]
    public async Task Open_axes_are_told_with_their_names_and_limits()
    {
        await using var host = await StartAsync("sequences", "ctc", "time=6", "labels[0]=3");

        var schema = await host.GetJsonAsync(Schema);

        Assert.Equal("""[{"name":"time","minimum":1,"maximum":6},{"extent":5}]""", schema.GetProperty("inputs")[0].GetProperty("axes").GetRawText());
        Assert.Equal("""[{"name":"time"},{"extent":5}]""", schema.GetProperty("outputs")[0].GetProperty("axes").GetRawText());
        Assert.Equal(
            """
            {"name":"labels","type":"int64","elements":"integer","axes":[{"minimum":0,"maximum":3}],
            "kind":"ClassSequence","classLabels":true,"classes":5,"minimum":0,"maximum":4,"blank":0}
            """.ReplaceLineEndings(""),
            schema.GetProperty("target").GetRawText());
    }

    [Fact]
    public async Task The_schema_of_weights_of_classes_says_along_which_axis_they_sum_to_1()
    {
        await using var host = await StartAsync("sequences", "soft-cross-entropy");

        var target = (await host.GetJsonAsync(Schema)).GetProperty("target");

        Assert.False(target.GetProperty("classLabels").GetBoolean());
        Assert.Equal("ClassProbabilities", target.GetProperty("kind").GetString());
        Assert.Equal(1, target.GetProperty("classAxis").GetInt32());
        Assert.Equal(5, target.GetProperty("classes").GetInt32());
    }

    [Fact]
    public async Task Each_of_several_models_has_its_own_schema()
    {
        await using var host = await WebHost.StartAsync(_folder, names: ["digits", "letters"]);

        Assert.Equal("digits", (await host.GetJsonAsync(Schema)).GetProperty("model").GetString());
        Assert.Equal("letters", (await host.GetJsonAsync("/fine-tuning/letters/schema")).GetProperty("model").GetString());
    }

    [Fact]
    public async Task A_service_that_has_not_started_yet_is_told_with_when_to_ask_again()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddFineTuning(options =>
        {
            options.ModelPath = TinyClassifier.Write(_folder);
            options.DataDirectory = _folder["data"];
        });
        await using var application = builder.Build();
        application.MapFineTuning();
        var endpoint = ((IEndpointRouteBuilder)application).DataSources.SelectMany(static source => source.Endpoints)
            .Single(static endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName == "GetSchema");
        var context = new DefaultHttpContext { RequestServices = application.Services };
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        context.Request.Host = new HostString("localhost");
        using var body = new MemoryStream();
        context.Response.Body = body;

        await endpoint.RequestDelegate!(context);

        Assert.Equal(StatusCodes.Status503ServiceUnavailable, context.Response.StatusCode);
        Assert.Equal("5", context.Response.Headers.RetryAfter);
        Assert.Contains("is starting", JsonSerializer.Deserialize<JsonElement>(body.ToArray()).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private Task<WebHost> StartAsync(string model, string loss, params string[] limits)
    {
        File.WriteAllBytes(_folder["model.onnx"], _models[model]);
        return WebHost.StartAsync(_folder, configure: options =>
        {
            options.Loss = loss;
            options.Gate.Metric = GateMetric.Loss;
            foreach (string[] limit in limits.Select(static limit => limit.Split('=')))
                options.MaximumExtents[limit[0]] = long.Parse(limit[1], System.Globalization.CultureInfo.InvariantCulture);
        });
    }

    /// <summary>The tiny classifier with outputs that have the batch elsewhere, under another name, or not at all.</summary>
    private static byte[] SeveralOutputs()
    {
        Dimension batch = Dimension.Named("batch");
        return new ModelBuilder()
            .Input("x", new TensorType(ElementType.Float, [batch, 2]))
            .Initializer("weight", [1f, 0, 0, 1], 2, 2)
            .Node("MatMul", ["x", "weight"], ["logits"])
            .Node("Transpose", ["logits"], ["turned"], ("perm", new long[] { 1, 0 }))
            .Node("ArgMax", ["logits"], ["answer"], ("axis", 1L), ("keepdims", 0L))
            .Node("ReduceSum", ["logits"], ["sum"], ("keepdims", 0L))
            .Output("logits", new TensorType(ElementType.Float, [batch, 2]))
            .Output("turned", new TensorType(ElementType.Float, [2, batch]))
            .Output("answer", new TensorType(ElementType.Int64, [Dimension.Named("answers")]))
            .Output("sum", new TensorType(ElementType.Float, []))
            .ToBytes();
    }

    /// <summary>A classifier of the steps of a sequence, with a second output in which the steps stand before the batch.</summary>
    private static byte[] StepsInFront()
    {
        Dimension batch = Dimension.Named("batch"), time = Dimension.Named("time");
        return new ModelBuilder()
            .Input("x", new TensorType(ElementType.Float, [batch, time, 2]))
            .Initializer("weight", [1f, 0, 0, 1], 2, 2)
            .Node("MatMul", ["x", "weight"], ["logits"])
            .Node("Transpose", ["logits"], ["turned"], ("perm", new long[] { 1, 0, 2 }))
            .Output("logits", new TensorType(ElementType.Float, [batch, time, 2]))
            .Output("turned", new TensorType(ElementType.Float, [time, batch, 2]))
            .ToBytes();
    }

    /// <summary>A classifier of three flags.</summary>
    private static byte[] Flags()
    {
        Dimension batch = Dimension.Named("batch");
        return new ModelBuilder()
            .Input("flags", new TensorType(ElementType.Bool, [batch, 3]))
            .Initializer("weight", [1f, 0, 0, 1, 1, 1], 3, 2)
            .Node("Cast", ["flags"], ["x"], ("to", 1L))
            .Node("MatMul", ["x", "weight"], ["logits"])
            .Output("logits", new TensorType(ElementType.Float, [batch, 2]))
            .ToBytes();
    }
}
