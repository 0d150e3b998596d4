using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.RealExports;

/// <summary>The gradient of the training model beside the slopes of the loss, and the one in single precision beside the one in double.</summary>
internal static class GradientElements
{
    public const int Count = 50;

    /// <summary>As many elements may be drawn anew before the comparison counts as failed.</summary>
    private const int MostKinks = 50;

    /// <summary>
    /// Differences of gradient and slope, both in double precision, of elements from all over the parameters, largest first, in parts of the slope
    /// and of the usual size of that tensor's gradient. Parameters that the loss hardly depends on have gradients made of rounding; those of all
    /// parameters set their measure. Where the slope to the right is not the slope to the left, a kink (of Relu, Clip, MaxPool) lies between:
    /// such an element is counted, and another drawn.
    /// </summary>
    public static (IReadOnlyList<(double Error, string Where)> Elements, int Kinks) Compare(
        BufferLayout layout, Dictionary<string, double[]> gradients, LossInDouble loss, double kink)
    {
        var random = new Random(11);
        var slots = layout.Slots.ToArray();
        random.Shuffle(slots);
        double floor = 1e-2 * Usual([.. gradients.Values.SelectMany(static values => values)]);
        var errors = new List<(double Error, string Where)>();
        int kinks = 0;
        while (errors.Count < Count && kinks <= MostKinks)
        {
            int number = errors.Count + kinks;
            string name = slots[number % slots.Length].Name;
            double[] gradient = gradients[name], values = loss.Parameter(name);
            int element = Choose(gradient, random, mayBeZero: number % 5 == 0);
            double size = floor + Usual(gradient);
            // A millionth of the weight keeps kinks out; where the loss hardly depends on the weight, rounding of the loss asks for more.
            double step = Math.Max(1e-6 * Math.Max(Math.Abs(values[element]), Usual(values)), 1e-10 * Math.Abs(loss.Here) / size);
            var (forward, backward) = loss.Slopes(name, element, step);
            double slope = (forward + backward) / 2;
            double scale = size + Math.Abs(slope);
            if (Math.Abs(forward - backward) > kink * scale)
            {
                kinks++;
                continue;
            }

            double difference = Math.Abs(slope - gradient[element]);
            double error = difference == 0 ? 0 : difference / scale;
            errors.Add((double.IsNaN(error) ? double.PositiveInfinity : error, $"{name}[{element}]: gradient {gradient[element]}, slope {slope}"));
        }

        return ([.. errors.OrderByDescending(static element => element.Error)], kinks);
    }

    /// <summary>
    /// The largest difference, of all parameters, between the gradient in single precision and the one in double: the norm of the difference in parts
    /// of the norm of the gradient, with the same measure as above for parameters whose gradient is made of rounding.
    /// </summary>
    public static (double Error, string Where) Rounding(FlatBuffer single, Dictionary<string, double[]> gradients)
    {
        double floor = 1e-2 * Usual([.. gradients.Values.SelectMany(static values => values)]);
        var largest = (Error: 0.0, Where: "");
        foreach (var slot in single.Layout.Slots)
        {
            double[] exact = gradients[slot.Name];
            double[] difference = [.. exact.Zip(single[slot].ToArray(), static (right, left) => left - right)];
            double error = Usual(difference) / (floor + Usual(exact));
            if (!(error <= largest.Error))
                largest = (error, slot.Name);
        }

        return largest;
    }

    /// <summary>Most elements of an embedding are not used by a batch; a comparison of zeros with zeros says little.</summary>
    private static int Choose(double[] gradient, Random random, bool mayBeZero)
    {
        int element = random.Next(gradient.Length);
        for (int tries = 0; !mayBeZero && gradient[element] == 0 && tries < gradient.Length; tries++)
            element = (element + 1) % gradient.Length;
        return element;
    }

    private static double Usual(double[] values) => Math.Sqrt(values.Sum(static value => value * value) / values.Length);
}
