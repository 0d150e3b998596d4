namespace OrtAdaMomentum.Personalization;

/// <summary>One feature: its first values until there are enough, and then the classes of its latest ones.</summary>
internal sealed class DriftFeature(int referenceCount, int windowCount)
{
    private readonly List<double> _first = [];
    private readonly int[] _window = new int[windowCount];
    private int[] _counts = [];
    private int _seen;

    public ReferenceDistribution? Reference { get; private set; }

    /// <summary>Whether enough values were seen to compare.</summary>
    public bool IsFull => _seen >= _window.Length;

    public double Index => Reference!.IndexOf(_counts);

    /// <summary>Compares with values of another time, instead of with the first ones.</summary>
    public void Use(ReferenceDistribution reference)
    {
        Reference = reference;
        _counts = new int[reference.Counts.Count];
        _seen = 0;
        _first.Clear();
    }

    /// <summary>Takes a value in. True when the reference has just become whole.</summary>
    public bool Add(double value)
    {
        if (Reference is { } reference)
        {
            ref int place = ref _window[_seen % _window.Length];
            if (IsFull)
                _counts[place]--;
            place = reference.ClassOf(value);
            _counts[place]++;
            // Kept from overflowing without losing the place in the window.
            _seen = _seen == int.MaxValue - 1 ? _window.Length + (_seen % _window.Length) + 1 : _seen + 1;
            return false;
        }

        _first.Add(value);
        if (_first.Count < referenceCount)
            return false;
        Use(ReferenceDistribution.Of(_first));
        return true;
    }
}
