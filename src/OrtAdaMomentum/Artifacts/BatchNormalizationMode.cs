namespace OrtAdaMomentum.Artifacts;

/// <summary>Which statistics BatchNormalization normalises with during training.</summary>
public enum BatchNormalizationMode
{
    /// <summary>The running statistics stored in the model, unchanged: right for small batches and for keeping what the model knows.</summary>
    Frozen,

    /// <summary>Those of the batch; the running statistics follow with the node's momentum, and evaluation uses them.</summary>
    Training,
}
