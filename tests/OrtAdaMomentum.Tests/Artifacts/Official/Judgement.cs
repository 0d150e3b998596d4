using System.Globalization;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>The greatest differences between the official runtime and the stock one over a training.</summary>
internal sealed class Judgement
{
    /// <summary>Of a loss, relative to it.</summary>
    public double Loss { get; private set; }

    /// <summary>Of the gradients of the first step, relative to their norm.</summary>
    public double Gradients { get; private set; }

    /// <summary>Of the gradient of one parameter at the first step, relative to its norm.</summary>
    public double Gradient { get; private set; }

    /// <summary>Of the parameters after the last step, relative to their norm.</summary>
    public double Parameters { get; private set; }

    /// <summary>How far training has moved the parameters, relative to their norm.</summary>
    public double Moved { get; private set; }

    public void AddLoss(double expected, double actual) => Loss = Math.Max(Loss, Math.Abs(expected - actual) / Math.Abs(expected));

    public void SetGradients(FlatBuffer expected, IReadOnlyDictionary<string, OfficialValue> actual, ArtifactManifest manifest)
    {
        Gradients = Distance(Pack(expected), Pack(actual, manifest));
        Gradient = manifest.Trainable.Max(parameter => Distance(expected[expected.Layout[parameter.Name]].ToArray(), actual[GradientOf(parameter.Name)].Floats));
    }

    public void SetParameters(float[] initial, float[] expected, float[] actual)
    {
        Parameters = Distance(expected, actual);
        Moved = Distance(initial, expected);
    }

    /// <summary>Asserts what is promised: losses to 1e-5 relative, parameters to 1e-5 of their norm; and that single precision has computed the gradients alike.</summary>
    /// <param name="gradients">The greatest difference of the gradients.</param>
    public void Require(double gradients = 5e-5)
    {
        Assert.InRange(Loss, 0, 1e-5);
        Assert.InRange(Gradients, 0, gradients);
        Assert.InRange(Parameters, 0, 1e-5);
        // Ten steps of a thousandth: parameters that did not move would agree however wrong the gradients are.
        Assert.InRange(Moved, 1e-4, 1);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"| {Loss:0.0e+0} | {Gradients:0.0e+0} | {Parameters:0.0e+0} | {Moved:0.0e+0} |");

    /// <summary>The gradients that the official runtime gave, without padding in the order of its parameters.</summary>
    public static float[] Pack(IReadOnlyDictionary<string, OfficialValue> outputs, ArtifactManifest manifest) =>
        [.. manifest.Trainable.SelectMany(parameter => outputs[GradientOf(parameter.Name)].Floats)];

    public static float[] Pack(FlatBuffer buffer)
    {
        var packed = new float[buffer.Layout.ElementCount];
        buffer.CopyToPacked(packed);
        return packed;
    }

    private static string GradientOf(string parameter) => "grad::" + parameter;

    /// <summary>The difference of two vectors in parts of the norm of the first.</summary>
    public static double Distance(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = 0, norm = 0;
        for (int index = 0; index < expected.Length; index++)
        {
            difference += Math.Pow((double)expected[index] - actual[index], 2);
            norm += Math.Pow(expected[index], 2);
        }

        return Math.Sqrt(difference / norm);
    }
}
