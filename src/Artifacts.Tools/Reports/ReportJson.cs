using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrtAdaMomentum.Tools.Service;

namespace OrtAdaMomentum.Tools.Reports;

/// <summary>How reports are written as JSON, generated at build time.</summary>
[JsonSerializable(typeof(ErrorReport))]
[JsonSerializable(typeof(ModelInspectReport))]
[JsonSerializable(typeof(ArtifactsReport))]
[JsonSerializable(typeof(TrainReport))]
[JsonSerializable(typeof(EvalReport))]
[JsonSerializable(typeof(GradientsReport))]
[JsonSerializable(typeof(ExportReport))]
[JsonSerializable(typeof(OperatorsReport))]
[JsonSerializable(typeof(ServiceStatusReport))]
[JsonSerializable(typeof(ServiceVersionsReport))]
[JsonSerializable(typeof(ServiceVersion))]
[JsonSerializable(typeof(ServicePauseReport))]
[JsonSerializable(typeof(ServiceForgetReport))]
[JsonSerializable(typeof(ServiceExportReport))]
[JsonSerializable(typeof(ServiceImportReport))]
[JsonSerializable(typeof(ServiceSalvageReport))]
[JsonSerializable(typeof(PauseRequest))]
[JsonSerializable(typeof(ProblemAnswer))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    /// <summary>The output goes to a file or pipe, never into a web page, so quotes and letters of other scripts stay readable.</summary>
    public static ReportJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
