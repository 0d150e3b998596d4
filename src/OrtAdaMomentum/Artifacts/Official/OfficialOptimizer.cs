namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>The optimizers that the official runtime can step by itself.</summary>
public enum OfficialOptimizer
{
    /// <summary>Adam with decoupled weight decay, as PyTorch has it.</summary>
    AdamW,

    /// <summary>The parameter less the gradient times the learning rate; no momentum.</summary>
    Sgd,
}
