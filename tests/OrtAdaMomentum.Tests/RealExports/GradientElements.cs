using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.RealExports;

/// <summary>Single elements of the gradient beside the slopes of the loss.</summary>
internal static class GradientElements
{
    public const int Count = 50;

    /// <summary>
    /// Differences of gradient and slope of elements from all over the parameters, largest first, in parts of the slope and of the usual size of
    /// that tensor's gradient. Parameters that the loss hardly depends on have gradients made of rounding; those of all parameters set their measure.
    /// </summary>
    public static IReadOnlyList<(double Error, string Where)> Compare(FlatBuffer gradients, LossInDouble loss)
    {
        var random = new Random(11);
        var slots = gradients.Layout.Slots.ToArray();
        random.Shuffle(slots);
        double floor = 1e-2 * Usual(Array.ConvertAll(gradients.Span.ToArray(), static value => (double)value));
        var errors = new List<(double Error, string Where)>();
        for (int number = 0; number < Count; number++)
        {
            var slot = slots[number % slots.Length];
            float[] gradient = gradients[slot].ToArray();
            int element = Choose(gradient, random, mayBeZero: number % 5 == 0);
            double[] values = loss.Parameter(slot.Name);
            double step = 1e-5 * Math.Max(Math.Abs(values[element]), Usual(values));
            double slope = loss.Slope(slot.Name, element, step == 0 ? 1e-5 : step);
            double scale = floor + Math.Abs(slope) + Usual(Array.ConvertAll(gradient, static value => (double)value));
            double difference = Math.Abs(slope - gradient[element]);
            double error = difference == 0 ? 0 : difference / scale;
            errors.Add((double.IsNaN(error) ? double.PositiveInfinity : error, $"{slot.Name}[{element}]: gradient {gradient[element]}, slope {slope}"));
        }

        return [.. errors.OrderByDescending(static element => element.Error)];
    }

    /// <summary>Most elements of an embedding are not used by a batch; a comparison of zeros with zeros says little.</summary>
    private static int Choose(float[] gradient, Random random, bool mayBeZero)
    {
        int element = random.Next(gradient.Length);
        for (int tries = 0; !mayBeZero && gradient[element] == 0 && tries < gradient.Length; tries++)
            element = (element + 1) % gradient.Length;
        return element;
    }

    private static double Usual(double[] values) => Math.Sqrt(values.Sum(static value => value * value) / values.Length);
}
