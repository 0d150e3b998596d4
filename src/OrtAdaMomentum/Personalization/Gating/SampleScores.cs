using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Personalization;

/// <summary>How a model did on each sample of a dataset.</summary>
public sealed class SampleScores
{
    /// <summary>Scores in the order of the dataset.</summary>
    /// <param name="samples">One entry per sample.</param>
    /// <param name="probabilities">What the model gave each class; null where samples have no single label.</param>
    public SampleScores(IReadOnlyList<SampleScore> samples, ClassProbabilities? probabilities = null)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (probabilities is not null && probabilities.Samples != samples.Count)
            throw new ArgumentException($"There are {samples.Count} samples, but probabilities of {probabilities.Samples}.", nameof(probabilities));
        Samples = samples;
        Probabilities = probabilities;
        long answers = samples.Sum(static sample => (long)sample.Answers);
        Summary = new Evaluation(
            samples.Count == 0 ? double.NaN : samples.Average(static sample => sample.Loss),
            answers == 0 ? null : (double)samples.Sum(static sample => (long)sample.Right) / answers,
            samples.Count);
    }

    /// <summary>One entry per sample, in the order of the dataset.</summary>
    public IReadOnlyList<SampleScore> Samples { get; }

    /// <summary>What the model gave each class; null where samples have no single label.</summary>
    public ClassProbabilities? Probabilities { get; }

    /// <summary>Mean loss, share of right answers, and number of samples.</summary>
    public Evaluation Summary { get; }
}
