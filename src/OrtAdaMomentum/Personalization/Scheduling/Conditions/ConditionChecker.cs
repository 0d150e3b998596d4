using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Personalization;

/// <summary>Checks all conditions and gives the reasons why training may not go on.</summary>
internal sealed class ConditionChecker(
    IReadOnlyList<ITrainingCondition> conditions, Func<TrainingConditionOptions> options, TimeProvider time, ILogger logger)
{
    private readonly HashSet<string> _failing = [];

    /// <summary>None when training may go on. A condition of the host that fails or hangs holds up neither the others nor the service.</summary>
    public async ValueTask<IReadOnlyList<PauseReason>> CheckAsync(CancellationToken cancellationToken)
    {
        List<PauseReason>? reasons = null;
        foreach (var condition in conditions)
        {
            var result = await CheckAsync(condition, cancellationToken).ConfigureAwait(false);
            if (result.State == ConditionState.NotMet || (result.State == ConditionState.Unknown && options().UnknownBlocks))
                (reasons ??= []).Add(new PauseReason(condition.Name, result.Reason));
        }

        return reasons ?? (IReadOnlyList<PauseReason>)[];
    }

    private async ValueTask<ConditionResult> CheckAsync(ITrainingCondition condition, CancellationToken cancellationToken)
    {
        var limit = options().CheckTimeout;
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var check = condition.CheckAsync(either.Token);
            // It may not look at its token.
            var result = check.IsCompletedSuccessfully ? check.Result : await check.AsTask().WaitAsync(either.Token).ConfigureAwait(false);
            _failing.Remove(condition.Name);
            return result;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever goes wrong in it, the condition is not known.
        catch (Exception error)
#pragma warning restore CA1031
        {
            string reason = timeout.IsCancellationRequested ? $"its check took longer than {limit}" : $"its check failed: {error.Message}";
            // Once until it works again, not at every check.
            if (_failing.Add(condition.Name))
                SchedulingLog.ConditionUnknown(logger, error, condition.Name, reason);
            return ConditionResult.Unknown(reason);
        }
    }
}
