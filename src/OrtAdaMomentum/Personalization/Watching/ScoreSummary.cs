namespace OrtAdaMomentum.Personalization;

/// <summary>What reports show of the scores in a window.</summary>
internal static class ScoreSummary
{
    public static FeedbackSummary Summary(this ScoreWindow<double> window) =>
        new(window.Count, window.Count == 0 ? double.NaN : window.Scores.Average());

    public static PairedSummary Summary(this ScoreWindow<ScorePair> window) => window.Count == 0
        ? new PairedSummary(0, double.NaN, double.NaN)
        : new PairedSummary(window.Count, window.Scores.Average(static pair => pair.Own), window.Scores.Average(static pair => pair.Parent));
}
