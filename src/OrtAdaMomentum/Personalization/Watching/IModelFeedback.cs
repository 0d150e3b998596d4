namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Takes in how well answers did where they were used. A version whose answers do worse than those of the version before it is rolled back. Safe for use
/// from several threads at once; never waits. Reports that come faster than they can be counted are left out.
/// </summary>
public interface IModelFeedback
{
    /// <summary>Tells whether an answer was right.</summary>
    /// <param name="prediction">The answer.</param>
    /// <param name="isRight">Whether it was.</param>
    void Report(Prediction prediction, bool isRight);

    /// <summary>Tells how good an answer was.</summary>
    /// <param name="version">Id, beginning of it, or label of the version that gave it.</param>
    /// <param name="score">
    /// Any finite number; more is better. All reports have to be of one kind, since versions are compared by their means: 1 for right and 0 for
    /// wrong where samples that come in are reports too.
    /// </param>
    /// <exception cref="FineTuningException">There is no such version.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The score is not finite.</exception>
    void Report(string version, double score);
}
