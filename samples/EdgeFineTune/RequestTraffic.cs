using System.Collections.Concurrent;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Samples.EdgeFineTune;

/// <summary>Asks the served model without a pause longer than a few milliseconds, before, during and after the swap, and counts what comes back.</summary>
internal sealed class RequestTraffic(DigitSets digits, IPredictor predictor, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentDictionary<string, int> _answersByVersion = new();
    private int _answered;
    private int _failed;

    public int Answered => Volatile.Read(ref _answered);

    public int Failed => Volatile.Read(ref _failed);

    /// <summary>How many answers each version gave.</summary>
    public IReadOnlyDictionary<string, int> AnswersByVersion => _answersByVersion;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (int digit = 0; !stoppingToken.IsCancellationRequested; digit = (digit + 1) % digits.MeasuredNew.Count)
        {
            try
            {
                var prediction = await predictor.PredictAsync(
                    new Dictionary<string, SampleTensor> { [DigitSet.Input] = digits.MeasuredNew.Image(digit) }, stoppingToken).ConfigureAwait(false);
                _answersByVersion.AddOrUpdate(prediction.Version.Label, 1, static (_, count) => count + 1);
                Interlocked.Increment(ref _answered);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Counting failures of whatever kind is what this is for.
            catch (Exception)
#pragma warning restore CA1031
            {
                Interlocked.Increment(ref _failed);
            }

            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
