namespace OrtAdaMomentum.Personalization;

/// <summary>Something on its way to the store, and the promise made to whoever brought it.</summary>
internal abstract class PendingChange
{
    /// <summary>Kept when the store has it; for a correction it tells whether the sample was there.</summary>
    public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Bytes of the elements that it brings.</summary>
    public abstract long Bytes { get; }
}

/// <summary>A new sample.</summary>
internal sealed class PendingSample(StoredSample sample) : PendingChange
{
    public StoredSample Sample { get; } = sample;

    public override long Bytes { get; } = sample.Sample.ByteLength;
}

/// <summary>Another target for a sample that came before.</summary>
internal sealed class PendingCorrection(string key, SampleTensor target) : PendingChange
{
    public string Key { get; } = key;

    public SampleTensor Target { get; } = target;

    public override long Bytes => Target.Bytes.Length;
}
