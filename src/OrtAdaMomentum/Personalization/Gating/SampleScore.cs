namespace OrtAdaMomentum.Personalization;

/// <summary>How a model did on one sample.</summary>
public sealed record SampleScore
{
    /// <summary>The loss of the sample alone.</summary>
    public required double Loss { get; init; }

    /// <summary>Answers that the sample asks for: 1 for a class, one per position or label where there are several, 0 where the target is no class.</summary>
    public int Answers { get; init; }

    /// <summary>How many of them are right.</summary>
    public int Right { get; init; }

    /// <summary>The classes that occur in the target or in the answers; none where the target is no class.</summary>
    public IReadOnlyList<ClassTally> Classes { get; init; } = [];

    /// <summary>Mean magnitude of the errors of the sample's numbers; NaN where the target is not about numbers.</summary>
    public double AbsoluteError { get; init; } = double.NaN;

    /// <summary>Mean square of the errors of the sample's numbers; NaN where the target is not about numbers.</summary>
    public double SquaredError { get; init; } = double.NaN;

    /// <summary>Edits from the decoded sequence to the target, per class of the target; NaN where the target is no sequence.</summary>
    public double EditDistance { get; init; } = double.NaN;
}

/// <summary>How often a class occurs in one sample.</summary>
/// <param name="Class">The class; for several yes-or-no labels the place of the label, and only what is yes is counted.</param>
/// <param name="Labelled">How often it is in the target.</param>
/// <param name="Answered">How often the model said it.</param>
/// <param name="Right">How often both.</param>
public readonly record struct ClassTally(int Class, int Labelled, int Answered, int Right);
