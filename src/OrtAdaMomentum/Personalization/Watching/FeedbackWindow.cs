namespace OrtAdaMomentum.Personalization;

/// <summary>The latest scores of a version.</summary>
internal sealed class FeedbackWindow
{
    private readonly Queue<double> _scores = new();

    public FeedbackWindow(IEnumerable<double> scores)
    {
        foreach (double score in scores)
            _scores.Enqueue(score);
    }

    public IReadOnlyCollection<double> Scores => _scores;

    public int Count => _scores.Count;

    public double Mean => _scores.Count == 0 ? double.NaN : _scores.Average();

    public FeedbackSummary Summary => new(Count, Mean);

    /// <summary>Variance of one score; of at least two.</summary>
    public double Variance
    {
        get
        {
            double mean = Mean;
            return _scores.Sum(score => (score - mean) * (score - mean)) / (_scores.Count - 1);
        }
    }

    public void Add(double score, int window)
    {
        _scores.Enqueue(score);
        while (_scores.Count > window)
            _scores.Dequeue();
    }
}
