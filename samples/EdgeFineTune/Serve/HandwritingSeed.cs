using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Samples.EdgeFineTune.Serve;

/// <summary>Gives the service the handwriting of the plain run as samples. At a later start they are known already and do no harm.</summary>
internal sealed partial class HandwritingSeed(DigitSets digits, ISampleIngest ingest, ILogger<HandwritingSeed> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.WhenAll(Enumerable.Range(0, digits.Handwriting.Count).Select(digit => ingest.AddAsync(
            new Sample(DigitSet.Input, digits.Handwriting.Image(digit), SampleTensor.Scalar((long)digits.Handwriting.Label(digit)), $"digit-{digit}"),
            stoppingToken).AsTask())).ConfigureAwait(false);
        LogSeeded(logger, digits.Handwriting.Count);
    }

    [LoggerMessage(1000, LogLevel.Information, "{Count} digits of handwriting are stored as samples.")]
    private static partial void LogSeeded(ILogger logger, int count);
}
