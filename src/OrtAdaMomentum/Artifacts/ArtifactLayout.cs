namespace OrtAdaMomentum.Artifacts;

/// <summary>How the graphs are wrapped for a runtime; what computes the gradients is the same.</summary>
public enum ArtifactLayout
{
    /// <summary>For the stock runtime: gradients are outputs, and parameters that do not train are constants.</summary>
    Stock,

    /// <summary>
    /// For the official training runtime, 1.19.2 and before: gradients are added up in buffers, and all parameters lie in its checkpoint.
    /// </summary>
    Official,
}
