namespace OrtAdaMomentum.Optimizers;

/// <summary>The two forms of AdamW in use, which differ in where epsilon is added and when weights decay.</summary>
public enum AdamWForm
{
    /// <summary>Weights decay first; epsilon is added to the corrected root.</summary>
    PyTorch,

    /// <summary>Epsilon is added to the root before its correction; weights decay last.</summary>
    HuggingFace,
}
