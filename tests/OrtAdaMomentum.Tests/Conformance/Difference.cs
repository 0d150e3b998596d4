namespace OrtAdaMomentum.Tests.Conformance;

/// <summary>What five values of a function around a place tell of its derivative there.</summary>
/// <param name="Central">The difference over all five.</param>
/// <param name="Left">The derivative of the parabola on the left.</param>
/// <param name="Right">The derivative of the parabola on the right.</param>
/// <param name="Lowest">The lowest slope that anything here tells of; minus infinity where nothing tells.</param>
/// <param name="Highest">The highest slope.</param>
internal readonly record struct Difference(double Central, double Left, double Right, double Lowest, double Highest)
{
    /// <summary>
    /// The derivative of a smooth function, whose second one may jump: by five values or by three on each side, whichever is nearer.
    /// </summary>
    public double NearestTo(double derivative)
    {
        double sides = (Left + Right) / 2;
        return Math.Clamp(derivative, Math.Min(Central, sides), Math.Max(Central, sides));
    }

    /// <summary>Whether the function is defined and smooth around the place.</summary>
    /// <param name="bend">What of the difference between both sides is rounding and curvature.</param>
    /// <param name="spread">How far the slopes of a smooth function may be apart.</param>
    public bool IsSmooth(double bend, double spread) => Math.Abs(Right - Left) <= bend && Highest - Lowest <= spread;

    public static Difference Of(ReadOnlySpan<double> places, ReadOnlySpan<double> values)
    {
        double step = (places[4] - places[0]) / 4;
        double central = (8 * (values[3] - values[1]) - (values[4] - values[0])) / (12 * step);
        double left = (3 * values[2] - 4 * values[1] + values[0]) / (2 * step);
        double right = (-3 * values[2] + 4 * values[3] - values[4]) / (2 * step);
        var slopes = new List<double> { left, right };
        for (int index = 1; index < values.Length; index++)
            slopes.Add((values[index] - values[index - 1]) / (places[index] - places[index - 1]));
        slopes.RemoveAll(static slope => !double.IsFinite(slope));
        return slopes.Count > 0
            ? new Difference(central, left, right, slopes.Min(), slopes.Max())
            : new Difference(central, left, right, double.NegativeInfinity, double.PositiveInfinity);
    }
}
