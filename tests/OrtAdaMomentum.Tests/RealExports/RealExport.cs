using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Tests.RealExports;

/// <summary>A model file that somebody exported, and how it is trained here.</summary>
/// <param name="Name">Name of the case.</param>
/// <param name="File">Place in the cache.</param>
/// <param name="Loss">What is made small.</param>
internal sealed record RealExport(string Name, string File, Loss Loss)
{
    /// <summary>Samples of the batch.</summary>
    public int Batch { get; init; } = 4;

    /// <summary>Shapes of a sample, without the batch, for inputs and the target (<c>labels</c>) that the model leaves open.</summary>
    public IReadOnlyDictionary<string, long[]> Shapes { get; init; } = new Dictionary<string, long[]>();

    /// <summary>Numbers that an input takes: from, up to but without. Floats without an entry take -1 to 1.</summary>
    public IReadOnlyDictionary<string, (double From, double To)> Ranges { get; init; } = new Dictionary<string, (double, double)>();

    /// <summary>Graph inputs fixed to a constant.</summary>
    public IReadOnlyDictionary<string, string> Fix { get; init; } = new Dictionary<string, string>();

    /// <summary>The output that the loss is attached to; null takes the first.</summary>
    public string? Output { get; init; }

    /// <summary>Outputs with a step in them, which rounding crosses: they are not compared with those of the model as it is served.</summary>
    public IReadOnlyList<string> Stepwise { get; init; } = [];

    /// <summary>Whether BatchNormalization uses the statistics of the batch.</summary>
    public bool BatchStatistics { get; init; }

    /// <summary>Learning rate of the 20 steps.</summary>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>Largest difference between an element of the gradient and the slope of the loss, see <see cref="GradientElements.Compare"/>.</summary>
    public double Tolerance { get; init; } = 1e-3;

    /// <summary>Largest difference between the gradients of a parameter in single and double precision, see <see cref="GradientElements.Rounding"/>.</summary>
    public double SingleTolerance { get; init; } = 1e-3;

    /// <summary>Largest ratio of nodes in the training graph to nodes in the model.</summary>
    public double NodeRatio { get; init; } = 2.2;

    public ArtifactOptions Options => new()
    {
        Loss = Loss,
        Fix = Fix,
        Output = Output,
        BatchNormalization = BatchStatistics ? BatchNormalizationMode.Training : BatchNormalizationMode.Frozen,
    };
}
