namespace OrtAdaMomentum.Personalization;

/// <summary>The latest scores. Those of samples are known by the sample's mark, so that a sample whose label changes has one score, not two.</summary>
/// <typeparam name="T">What a score is: a number, or those of two versions on one sample.</typeparam>
internal sealed class ScoreWindow<T>
    where T : struct
{
    private readonly Queue<Place> _places = new();
    private readonly Dictionary<ulong, Place> _samples = [];

    public ScoreWindow(IEnumerable<MarkedScore<T>> scores)
    {
        foreach (var (score, sample) in scores)
            Add(score, int.MaxValue, sample);
    }

    public int Count => _places.Count;

    public IEnumerable<T> Scores => _places.Select(static place => place.Score);

    /// <summary>What the constructor takes.</summary>
    public IEnumerable<MarkedScore<T>> Marked => _places.Select(static place => new MarkedScore<T>(place.Score, place.Sample));

    public bool Has(ulong sample) => _samples.ContainsKey(sample);

    /// <summary>Adds a score and lets the oldest beyond the window go; that of a sample which is there already takes the place of its former one.</summary>
    public void Add(T score, int window, ulong? sample = null)
    {
        if (sample is { } known && _samples.TryGetValue(known, out var former))
        {
            former.Score = score;
            return;
        }

        var place = new Place(score, sample);
        _places.Enqueue(place);
        if (sample is { } mark)
            _samples.Add(mark, place);
        while (_places.Count > window)
        {
            if (_places.Dequeue().Sample is { } oldest)
                _samples.Remove(oldest);
        }
    }

    private sealed class Place(T score, ulong? sample)
    {
        public T Score { get; set; } = score;

        public ulong? Sample { get; } = sample;
    }
}

/// <summary>A score, and the mark of the sample that it is of.</summary>
/// <param name="Score">The score.</param>
/// <param name="Sample">The mark; null for a report.</param>
internal readonly record struct MarkedScore<T>(T Score, ulong? Sample)
    where T : struct;

/// <summary>What a version and its parent scored on one sample.</summary>
/// <param name="Own">The version.</param>
/// <param name="Parent">Its parent.</param>
internal readonly record struct ScorePair(double Own, double Parent)
{
    public double Fall => Parent - Own;
}
