namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>State of an optimizer over a group of parameters.</summary>
/// <param name="Name">Name of the group; <c>group0</c> where the official runtime wrote it.</param>
/// <param name="Step">Steps taken.</param>
/// <param name="InitialLearningRate">The learning rate that a schedule varies. The official runtime does not set it again when it loads the file.</param>
/// <param name="States">The moments, one entry for each trainable parameter.</param>
public sealed record OfficialOptimizerGroup(string Name, long Step, float InitialLearningRate, IReadOnlyList<OfficialOptimizerState> States)
{
    /// <summary>The name that the official runtime gives to the only group it has.</summary>
    public const string DefaultName = "group0";
}

/// <summary>The moments of one parameter.</summary>
/// <param name="Parameter">Name of the parameter.</param>
/// <param name="Moments">
/// <c>momentum0</c>, and for AdamW <c>momentum1</c>, the mean of the squares; each in the shape of the parameter.
/// </param>
public sealed record OfficialOptimizerState(string Parameter, IReadOnlyList<OfficialTensor> Moments)
{
    /// <summary>Name of the first moment.</summary>
    public const string FirstMoment = "momentum0";

    /// <summary>Name of the second moment.</summary>
    public const string SecondMoment = "momentum1";
}
