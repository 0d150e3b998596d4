namespace OrtAdaMomentum.Optimizers.Simd;

/// <summary>A range of the flat buffers that is updated with one setting.</summary>
internal unsafe readonly struct StepRange
{
    /// <summary>The whole parameter buffer.</summary>
    public required float* Parameters { get; init; }

    /// <summary>The whole gradient buffer; only read.</summary>
    public required float* Gradients { get; init; }

    /// <summary>First float of the range, a multiple of 16.</summary>
    public required int Start { get; init; }

    /// <summary>End of the range, exclusive, a multiple of 16.</summary>
    public required int End { get; init; }

    /// <summary>Multiplies each gradient.</summary>
    public required float GradientScale { get; init; }

    /// <summary>Largest magnitude of a scaled gradient; infinite without clipping by value.</summary>
    public required float GradientLimit { get; init; }

    /// <summary>Learning rate, the group's factor included.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Weight decay of the group.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>Whether the step's memory is larger than the caches near a core, so that fetching it ahead of its use gains.</summary>
    public required bool Streams { get; init; }

    public bool Clips => float.IsFinite(GradientLimit);
}
