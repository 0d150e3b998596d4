using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tools.Reports;

namespace OrtAdaMomentum.Tools.Service;

/// <summary>The data folder of a service that does not run.</summary>
internal sealed class ServiceFolder : IServiceTarget
{
    private readonly FineTuningFolder _folder;
    private readonly string _directory;

    public ServiceFolder(string directory, EncryptionOptions encryption)
    {
        if (!Directory.Exists(directory))
            throw new ToolException(ExitCodes.File, $"There is no folder '{directory}'.");
        _directory = directory;
        _folder = ToolException.Attribute(ExitCodes.Service, () => FineTuningFolder.Open(directory, encryption));
    }

    public async Task<ServiceStatusReport> StatusAsync(CancellationToken cancellationToken)
    {
        var samples = await AttributeAsync(() => _folder.Samples.CountAsync(cancellationToken).AsTask());
        return new ServiceStatusReport(
            null,
            "Stopped",
            Describe(_folder.Registry.Current),
            new ServiceSamples(samples.Training, samples.HeldOut, samples.Unlabelled, samples.Damaged, samples.Total, samples.New),
            [.. _folder.Problems.Select(static problem => new ServiceProblem(problem.Kind.ToString(), problem.Message, problem.Since))],
            _folder.PauseReason is { } reason ? new ServicePauses(true, [reason]) : new ServicePauses(false, []));
    }

    public Task<ServiceVersionsReport> VersionsAsync(CancellationToken cancellationToken) => Task.FromResult(new ServiceVersionsReport(
        _folder.Registry.Current.Id, [.. _folder.Registry.Versions.Reverse().Select(Describe)]));

    public Task<ServiceVersion> PromoteAsync(string version, CancellationToken cancellationToken) =>
        Task.FromResult(Describe(ToolException.Attribute(ExitCodes.Service, () => _folder.Promote(version))));

    public Task<ServiceVersion> RollBackAsync(CancellationToken cancellationToken) =>
        Task.FromResult(Describe(ToolException.Attribute(ExitCodes.Service, _folder.RollBack)));

    public Task PauseAsync(string reason, CancellationToken cancellationToken)
    {
        _folder.Pause(reason);
        return Task.CompletedTask;
    }

    public Task ResumeAsync(CancellationToken cancellationToken)
    {
        _folder.Resume();
        return Task.CompletedTask;
    }

    public Task<int> ForgetSubjectAsync(string subject, CancellationToken cancellationToken) =>
        AttributeAsync(() => _folder.Samples.ForgetSubjectAsync(subject, cancellationToken).AsTask());

    public Task ExportModelAsync(string? version, Stream destination, CancellationToken cancellationToken)
    {
        byte[] model = ToolException.Attribute(ExitCodes.Service, () => _folder.ReadModel(version));
        return destination.WriteAsync(model, cancellationToken).AsTask();
    }

    public Task ExportSamplesAsync(Stream destination, CancellationToken cancellationToken) =>
        AttributeAsync(async () => await _folder.Samples.ExportAsync(destination, cancellationToken));

    public async Task<ServiceImportReport> ImportAsync(string path, Stream archive, CancellationToken cancellationToken)
    {
        try
        {
            var result = await AttributeAsync(() => _folder.Samples.ImportAsync(archive, cancellationToken: cancellationToken));
            return new ServiceImportReport(path, result.Added, result.Known);
        }
        catch (SampleArchiveException error)
        {
            throw new ToolException(ExitCodes.Data, $"{path}: {error.Message}", error);
        }
    }

    public void Dispose()
    {
        _folder.Dispose();
        FolderOwner.GiveAll(_directory);
    }

    private ServiceVersion Describe(ModelVersion version) => new(
        version.Id,
        version.Label,
        version.Number,
        version.Parent,
        version.Created,
        version.Accepted,
        version.Id == _folder.Registry.Current.Id,
        version.Reason,
        version.Size);

    /// <summary>Whatever is wrong with the store is wrong with the service.</summary>
    private static async Task<T> AttributeAsync<T>(Func<Task<T>> action)
    {
        try
        {
            return await action();
        }
        catch (SampleStoreException error)
        {
            throw new ToolException(ExitCodes.Service, error.Message, error);
        }
    }
}
