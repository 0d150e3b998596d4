namespace OrtAdaMomentum.Personalization;

/// <summary>Which samples go when a store is full. None that a snapshot holds goes.</summary>
public enum RetentionStrategy
{
    /// <summary>Those that came first.</summary>
    Oldest,

    /// <summary>
    /// Those that lost a draw, so that of all samples that ever were used each is kept with the same probability. Samples that no run has used
    /// stay as long as there are others.
    /// </summary>
    Reservoir,

    /// <summary>
    /// Those of the class that has most, so that rare classes stay; within the class those that lost a draw. Samples that no run has used stay as
    /// long as there are others. Where the target is no class, the same as <see cref="Reservoir"/>.
    /// </summary>
    ClassBalanced,
}
