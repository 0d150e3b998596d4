namespace OrtAdaMomentum.Training;

/// <summary>What a forward pass over a batch gave, valid until the next one over the same batch.</summary>
internal interface IEvalOutputs : IDisposable
{
    float Loss { get; }

    /// <summary>The elements of an output where they lie.</summary>
    ReadOnlySpan<T> Output<T>(string name)
        where T : unmanaged;

    /// <summary>Whether <see cref="Output"/> can read an output.</summary>
    bool Has(string name);

    long[] ShapeOf(string name);

    /// <summary>A copy of an output as single precision, with its shape; also of one that <see cref="Output"/> cannot read.</summary>
    (float[] Values, long[] Shape) Copy(string name);
}
