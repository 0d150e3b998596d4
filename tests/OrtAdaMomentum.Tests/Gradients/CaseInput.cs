using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>How the value of a node's input reaches the graph.</summary>
internal enum InputRole
{
    /// <summary>A floating-point graph input whose gradient is checked.</summary>
    Variable,

    /// <summary>A graph input whose gradient is not asked for.</summary>
    Fed,

    /// <summary>An initializer.</summary>
    Constant,

    /// <summary>An optional input that is left out.</summary>
    Omitted,
}

/// <summary>One input of the node under test.</summary>
/// <param name="Type">Element type; <see cref="ElementType.Float"/> stands for the precision that the case runs in.</param>
/// <param name="Shape">Fixed shape.</param>
/// <param name="Sample">Elements in row-major order.</param>
internal sealed record CaseInput(ElementType Type, long[] Shape, Func<Random, int, double[]> Sample)
{
    public InputRole Role { get; init; } = InputRole.Variable;

    /// <summary>Whether the shape is fixed whatever the model knows of others, as that of a parameter always is.</summary>
    public bool IsParameter { get; init; }

    /// <summary>The same values as a parameter, whose shape is always known.</summary>
    public CaseInput AsParameter => this with { IsParameter = true };

    /// <summary>The same values as an initializer.</summary>
    public CaseInput AsConstant => this with { Role = InputRole.Constant };

    /// <summary>The same values as a graph input, unknown until the graph runs, without gradient.</summary>
    public CaseInput AsFed => this with { Role = InputRole.Fed };

    public int ElementCount => (int)Shape.Aggregate(1L, static (product, extent) => product * extent);
}

/// <summary>Inputs of cases. Floating-point numbers are exact in single precision, so that every precision sees the same values.</summary>
internal static class CaseInputs
{
    /// <summary>An optional input that is left out.</summary>
    public static CaseInput Omitted { get; } =
        new(ElementType.Undefined, [], static (_, _) => []) { Role = InputRole.Omitted };

    /// <summary>Numbers between -1 and 1.</summary>
    public static CaseInput Any(params long[] shape) => Within(-1, 1, shape);

    /// <summary>Numbers in a range.</summary>
    public static CaseInput Within(double low, double high, params long[] shape) =>
        Floats(shape, (random, count) => Fill(count, () => low + (high - low) * random.NextDouble()));

    /// <summary>Numbers between -2 and 2 that keep a distance from the places where the operator is not smooth.</summary>
    public static CaseInput AwayFrom(double[] kinks, params long[] shape) => AwayFrom(-2, 2, kinks, shape);

    /// <summary>Numbers in a range that keep a distance from the places where the operator is not smooth.</summary>
    public static CaseInput AwayFrom(double low, double high, double[] kinks, params long[] shape) =>
        Floats(shape, (random, count) => Fill(count, () =>
        {
            double value;
            do
            {
                value = low + (high - low) * random.NextDouble();
            }
            while (kinks.Any(kink => Math.Abs(value - kink) < 0.1));
            return value;
        }));

    /// <summary>
    /// Numbers in random order, a quarter apart from each other; inputs of one case with shifts less than a quarter have none in common.
    /// </summary>
    public static CaseInput Distinct(double shift, params long[] shape) =>
        Floats(shape, (random, count) =>
        {
            double[] values = [.. Enumerable.Range(0, count).Select(place => (place - count / 2) * 0.25 + shift)];
            random.Shuffle(values);
            return values;
        });

    /// <summary>Given numbers.</summary>
    public static CaseInput Numbers(long[] shape, params double[] values) => Floats(shape, (_, _) => [.. values]);

    /// <summary>A constant list of 64-bit integers.</summary>
    public static CaseInput Integers(params long[] values) => IntegersOf([values.Length], values);

    /// <summary>Constant 64-bit integers of any shape.</summary>
    public static CaseInput IntegersOf(long[] shape, params long[] values) => Constants(ElementType.Int64, shape, values);

    /// <summary>Constant 32-bit integers of any shape.</summary>
    public static CaseInput Integers32Of(long[] shape, params long[] values) => Constants(ElementType.Int32, shape, values);

    /// <summary>Constants of a quantised type.</summary>
    public static CaseInput Quantized(ElementType type, long[] shape, params long[] values) => Constants(type, shape, values);

    /// <summary>Constant booleans.</summary>
    public static CaseInput Booleans(long[] shape, params bool[] values) =>
        Constants(ElementType.Bool, shape, [.. values.Select(static value => value ? 1L : 0L)]);

    /// <summary>Random booleans known only at run time.</summary>
    public static CaseInput AnyBooleans(params long[] shape) =>
        new(ElementType.Bool, shape, static (random, count) => Fill(count, () => random.Next(2))) { Role = InputRole.Fed };

    private static CaseInput Constants(ElementType type, long[] shape, long[] values) =>
        new(type, shape, (_, _) => [.. values.Select(static value => (double)value)]) { Role = InputRole.Constant };

    private static CaseInput Floats(long[] shape, Func<Random, int, double[]> sample) =>
        new(ElementType.Float, shape, (random, count) => Array.ConvertAll(sample(random, count), static value => (double)(float)value));

    private static double[] Fill(int count, Func<double> next)
    {
        var values = new double[count];
        for (int index = 0; index < count; index++)
            values[index] = next();
        return values;
    }
}
