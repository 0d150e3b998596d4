namespace OrtAdaMomentum.Personalization;

/// <summary>The latest samples that a version and its parent were both asked.</summary>
internal sealed class PairedWindow
{
    private readonly Queue<ScorePair> _pairs = new();

    public PairedWindow(IEnumerable<ScorePair> pairs)
    {
        foreach (var pair in pairs)
            _pairs.Enqueue(pair);
    }

    public IReadOnlyCollection<ScorePair> Pairs => _pairs;

    public int Count => _pairs.Count;

    public PairedSummary Summary => new(
        Count, Count == 0 ? double.NaN : _pairs.Average(static pair => pair.Own), Count == 0 ? double.NaN : _pairs.Average(static pair => pair.Parent));

    public void Add(ScorePair pair, int window)
    {
        _pairs.Enqueue(pair);
        while (_pairs.Count > window)
            _pairs.Dequeue();
    }
}

/// <summary>What a version and its parent scored on one sample.</summary>
/// <param name="Own">The version.</param>
/// <param name="Parent">Its parent.</param>
internal readonly record struct ScorePair(double Own, double Parent)
{
    public double Fall => Parent - Own;
}
