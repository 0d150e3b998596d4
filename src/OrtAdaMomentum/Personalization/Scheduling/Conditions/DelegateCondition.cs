namespace OrtAdaMomentum.Personalization;

/// <summary>A condition that a function tells about.</summary>
internal sealed class DelegateCondition(string name, Func<ConditionResult> check) : ITrainingCondition
{
    public string Name => name;

    public ValueTask<ConditionResult> CheckAsync(CancellationToken cancellationToken) => ValueTask.FromResult(check());
}
