namespace OrtAdaMomentum.Optimizers;

/// <summary>How weight decay enters an update.</summary>
public enum WeightDecayMode
{
    /// <summary>Before the update the parameter loses learning rate × decay of itself; the moments do not see it (as AdamW does).</summary>
    Decoupled,

    /// <summary>Decay × parameter is added to the gradient, and so passes through the moments (L2 regularisation).</summary>
    Coupled,
}
