using OrtAdaMomentum.Tools.Reports;

namespace OrtAdaMomentum.Tools.Service;

/// <summary>A fine-tuning service: one that runs and is asked over HTTP, or the folder of one that does not run.</summary>
internal interface IServiceTarget : IDisposable
{
    Task<ServiceStatusReport> StatusAsync(CancellationToken cancellationToken);

    Task<ServiceVersionsReport> VersionsAsync(CancellationToken cancellationToken);

    Task<ServiceVersion> PromoteAsync(string version, CancellationToken cancellationToken);

    Task<ServiceVersion> RollBackAsync(CancellationToken cancellationToken);

    Task PauseAsync(string reason, CancellationToken cancellationToken);

    Task ResumeAsync(CancellationToken cancellationToken);

    Task<int> ForgetSubjectAsync(string subject, CancellationToken cancellationToken);

    /// <summary>Writes the model of a version; of the current one where none is named.</summary>
    Task ExportModelAsync(string? version, Stream destination, CancellationToken cancellationToken);

    /// <summary>Writes all samples as one archive.</summary>
    Task ExportSamplesAsync(Stream destination, CancellationToken cancellationToken);
}
