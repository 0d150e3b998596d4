using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Pausing;

/// <summary>A condition that a test switches.</summary>
internal sealed class SwitchCondition(bool isMet = true) : ITrainingCondition
{
    public const string Reason = "the switch is off";

    public bool IsMet { get; set; } = isMet;

    public string Name => "switch";

    public ValueTask<ConditionResult> CheckAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(IsMet ? ConditionResult.Met : ConditionResult.NotMet(Reason));
}
