using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Samples.EdgeFineTune;

/// <summary>Plays a person's corrected handwriting into the service, digit by digit, as an application would when the user confirms one.</summary>
internal sealed class HandwritingPlayer(DigitSets digits, ISampleIngest ingest) : BackgroundService
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The person begins to write.</summary>
    public void Begin() => _begun.TrySetResult();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _begun.Task.WaitAsync(stoppingToken).ConfigureAwait(false);
        for (int digit = 0; digit < digits.Handwriting.Count; digit++)
        {
            var sample = new Sample(
                DigitSet.Input, digits.Handwriting.Image(digit), SampleTensor.Scalar((long)digits.Handwriting.Label(digit)), $"digit-{digit}");
            await ingest.AddAsync(sample, stoppingToken).ConfigureAwait(false);
        }
    }
}
