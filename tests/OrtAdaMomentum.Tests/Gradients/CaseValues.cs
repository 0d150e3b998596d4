using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>The concrete values of a case, always the same for the same name.</summary>
internal sealed class CaseValues
{
    public CaseValues(GradientCase @case)
    {
        var random = new Random(Seed(@case.Name));
        Inputs = [.. @case.Inputs.Select(input => input.Sample(random, input.ElementCount))];
        for (int index = 0; index < Inputs.Count; index++)
        {
            if (@case.Inputs[index].Role != InputRole.Omitted)
                Assert.Equal(@case.Inputs[index].ElementCount, Inputs[index].Length);
        }
    }

    /// <summary>Elements by input.</summary>
    public IReadOnlyList<double[]> Inputs { get; }

    /// <summary>The factors of an output's elements in the loss: between 0.5 and 1.5, of either sign.</summary>
    public static double[] Weights(GradientCase @case, int output, int count)
    {
        var random = new Random(Seed($"{@case.Name}#{output}"));
        var weights = new double[count];
        for (int index = 0; index < count; index++)
            weights[index] = (float)((0.5 + random.NextDouble()) * (random.Next(2) == 0 ? -1 : 1));
        return weights;
    }

    /// <summary>An array as ONNX Runtime takes it.</summary>
    public static Array ToArray(double[] values, ElementType type) => type switch
    {
        ElementType.Double => values.ToArray(),
        ElementType.Float => Array.ConvertAll(values, static value => (float)value),
        ElementType.Int64 => Array.ConvertAll(values, static value => (long)value),
        ElementType.Int32 => Array.ConvertAll(values, static value => (int)value),
        ElementType.Bool => Array.ConvertAll(values, static value => value != 0),
        _ => throw new NotSupportedException($"{type}"),
    };

    // FNV-1a: string hash codes differ from run to run.
    private static int Seed(string text)
    {
        uint hash = 2166136261;
        foreach (char character in text)
            hash = (hash ^ character) * 16777619;
        return (int)(hash & int.MaxValue);
    }
}
