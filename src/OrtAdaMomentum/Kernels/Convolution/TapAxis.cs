namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>
/// Along one axis, which elements of a source the taps of a filter bring to which results. Results are taken by their remainder against
/// <see cref="Phases"/>: those of one remainder see the same taps, each one <see cref="SourceStep"/> further than the one before.
/// </summary>
internal readonly struct TapAxis
{
    private readonly bool _isBackward;
    private readonly int _dilation;
    private readonly int _pad;

    private TapAxis(bool isBackward, int taps, int phases, int sourceStep, int dilation, int pad, int sources, int results)
    {
        (_isBackward, Taps, Phases, SourceStep, _dilation, _pad) = (isBackward, taps, phases, sourceStep, dilation, pad);
        (Sources, Results) = (sources, results);
        (Least, Most) = (int.MaxValue, int.MinValue);
        for (int phase = 0; phase < phases; phase++)
        {
            for (int tap = 0; tap < taps; tap++)
            {
                if (Reaches(phase, tap))
                    (Least, Most) = (Math.Min(Least, Offset(phase, tap)), Math.Max(Most, Offset(phase, tap)));
            }
        }

        if (Least > Most)
            (Least, Most) = (0, 0);
    }

    /// <summary>Taps of the filter.</summary>
    public int Taps { get; }

    /// <summary>Remainders; also the distance between results of the same one.</summary>
    public int Phases { get; }

    /// <summary>Distance in the source between what neighbouring results of a remainder see through the same tap.</summary>
    public int SourceStep { get; }

    /// <summary>Elements of the source.</summary>
    public int Sources { get; }

    /// <summary>Results.</summary>
    public int Results { get; }

    /// <summary>The smallest <see cref="Offset"/>.</summary>
    public int Least { get; }

    /// <summary>The largest <see cref="Offset"/>.</summary>
    public int Most { get; }

    /// <summary>From the input of a convolution to its output.</summary>
    public static TapAxis Forward(int taps, int stride, int dilation, int pad, int input, int output) =>
        new(isBackward: false, taps, phases: 1, sourceStep: stride, dilation, pad, input, output);

    /// <summary>From the gradient of a convolution's output to that of its input.</summary>
    public static TapAxis Backward(int taps, int stride, int dilation, int pad, int input, int output) =>
        new(isBackward: true, taps, phases: stride, sourceStep: 1, dilation, pad, output, input);

    /// <summary>Whether a tap brings anything to results of a remainder.</summary>
    public bool Reaches(int phase, int tap) => !_isBackward || (phase + _pad - (tap * _dilation)) % Phases == 0;

    /// <summary>How many taps reach results of a remainder.</summary>
    public int TapsOf(int phase)
    {
        int taps = 0;
        for (int tap = 0; tap < Taps; tap++)
            taps += Reaches(phase, tap) ? 1 : 0;
        return taps;
    }

    /// <summary>What the first result of a remainder sees through a tap that reaches it; it may lie outside of the source.</summary>
    public int Offset(int phase, int tap) => _isBackward ? (phase + _pad - (tap * _dilation)) / Phases : (tap * _dilation) - _pad;

    /// <summary>How many results with the remainder there are before the given one.</summary>
    public int PlacesBefore(int phase, int result) => Math.Max(0, (result - phase + Phases - 1) / Phases);

    /// <summary>The first element that a stretch of results may see.</summary>
    public int FirstSource(int result) => (result / Phases * SourceStep) + Least;

    /// <summary>How many elements so many neighbouring results may see, from <see cref="FirstSource"/> of the first on.</summary>
    public int SourcesOf(int results) => ((results - 1 + Phases - 1) / Phases * SourceStep) + Most - Least + 1;
}
