namespace OrtAdaMomentum.Personalization;

/// <summary>Which of the samples that runs have used before are trained on again.</summary>
public enum ReplayStrategy
{
    /// <summary>The newest of them.</summary>
    Newest,

    /// <summary>Each with the same probability.</summary>
    Reservoir,

    /// <summary>So many of each class that, with the new samples, the classes are as near to each other in number as can be.</summary>
    ClassBalanced,
}
