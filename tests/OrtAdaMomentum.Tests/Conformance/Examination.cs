using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Gradients.Coverage;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Gradients;

namespace OrtAdaMomentum.Tests.Conformance;

/// <summary>Checks the gradients of one model. Each model is examined once, however often its outcome is asked for.</summary>
internal static class Examination
{
    private const int MostElements = 30;

    private const double SmallestScale = 0.1;

    private static readonly ConcurrentDictionary<string, Lazy<Outcome>> Outcomes = [];

    public static Outcome Of(string name) => Outcomes.GetOrAdd(name, static name => new Lazy<Outcome>(() => Examine(name))).Value;

    private static Outcome Examine(string name)
    {
        if (ConformanceModel.Load(name) is not { } model)
            return new Outcome(OutcomeKind.NoTensors);
        if (model.Variables.Count == 0)
            return new Outcome(OutcomeKind.NoFloatInput);
        ForwardLoss forward;
        try
        {
            forward = ForwardLoss.Open(model);
        }
        catch (OnnxRuntimeException error)
        {
            return new Outcome(OutcomeKind.RuntimeRefuses, error.Message);
        }

        using (forward)
        {
            return Examine(model, forward);
        }
    }

    private static Outcome Examine(ConformanceModel model, ForwardLoss forward)
    {
        if (forward.Weights.Count == 0)
            return new Outcome(OutcomeKind.NoFloatOutput);
        if (!forward.Loss().Equals(forward.Loss()))
            return new Outcome(OutcomeKind.Random);
        WrittenGradient written;
        try
        {
            written = Write(model, forward);
        }
        catch (UnsupportedOperatorException error) when (error.Nodes.All(IsWithoutRule))
        {
            return new Outcome(OutcomeKind.WithoutRule, error.Message);
        }
        catch (FineTuningException error)
        {
            return new Outcome(OutcomeKind.LibraryRefuses, error.Message);
        }

        if (written.Variables.Count == 0)
            return new Outcome(OutcomeKind.OnlySteers);
        int kinks = 0;
        bool zero = true;
        foreach (string variable in written.Variables)
        {
            var comparison = Compare(model, forward, written, variable);
            if (comparison.Complaint is { } complaint)
                return new Outcome(OutcomeKind.Disagrees, complaint);
            kinks += comparison.Kinks;
            zero &= comparison.IsZero;
        }

        return new Outcome(zero ? OutcomeKind.AgreesOnZero : OutcomeKind.Agrees, string.Empty, kinks);
    }

    /// <summary>Differentiates the model as it is, or in the precision of the forward pass where the gradient has no kernels in its own.</summary>
    private static WrittenGradient Write(ConformanceModel model, ForwardLoss forward)
    {
        var proto = model.Model.Proto;
        try
        {
            return WrittenGradient.Compute(model, proto, forward.Weights);
        }
        catch (Exception error) when (error is OnnxRuntimeException or OnnxModelException && CaseSession.IsMissingKernel(error))
        {
            return WrittenGradient.Compute(model, Retyping.To(ElementType.Float, proto), forward.Weights);
        }
    }

    private static (string? Complaint, int Kinks, bool IsZero) Compare(
        ConformanceModel model, ForwardLoss forward, WrittenGradient written, string variable)
    {
        var tensor = model.Variables[variable];
        int count = checked((int)TensorData.ElementCount(tensor));
        double[] gradient = written.ByVariable.GetValueOrDefault(variable) ?? new double[count];
        int[] elements = Sample(gradient);
        var tolerance = Tolerance.Of(model, forward);
        var differences = forward.Of(variable, elements);
        double norm = Scale(differences.Select(static difference => difference.Central).Where(double.IsFinite));
        double typical = norm / Math.Sqrt(Math.Max(1, elements.Length));

        int kinks = 0;
        var expected = new double[elements.Length];
        for (int index = 0; index < elements.Length; index++)
        {
            double actual = gradient[elements[index]];
            var difference = differences[index];
            if (!difference.IsSmooth(typical * tolerance.Bend, typical * tolerance.Spread))
                difference = forward.Of(variable, [elements[index]], fine: true)[0];
            bool smooth = difference.IsSmooth(typical * tolerance.Bend, typical * tolerance.Spread);
            expected[index] = smooth ? difference.NearestTo(actual) : Math.Clamp(actual, difference.Lowest, difference.Highest);
            kinks += smooth ? 0 : 1;
        }

        double error = Math.Sqrt(elements.Select((element, index) => Math.Pow(gradient[element] - expected[index], 2)).Sum());
        double allowed = Scale(expected) * tolerance.Error;
        string? complaint = error <= allowed
            ? null
            : $"'{variable}', forward pass in {forward.Precision}: error {error:g3} is above {allowed:g3}: "
                + string.Join("; ", elements.Select((element, index) => $"[{element}] {gradient[element]:g6}, expected {expected[index]:g6}"));
        return (complaint, kinks, elements.All(element => gradient[element] == 0));
    }

    private static double Scale(IEnumerable<double> derivatives) =>
        Math.Max(SmallestScale, Math.Sqrt(derivatives.Sum(static derivative => derivative * derivative)));

    /// <summary>All elements, or some: half of them, where there are so many, with a gradient.</summary>
    private static int[] Sample(double[] gradient)
    {
        int[] elements = [.. Enumerable.Range(0, gradient.Length)];
        if (elements.Length <= MostElements)
            return elements;
        new Random(elements.Length).Shuffle(elements);
        return [.. elements.Where(element => gradient[element] != 0).Take(MostElements / 2).Concat(elements).Distinct().Take(MostElements)];
    }

    private static bool IsWithoutRule(UnsupportedNode node) => GradientCoverage.Of(GradientRegistry.Default)
        .Any(item => item.Name == node.OperatorType && item.Domain == node.Domain
            && item.Support is OperatorSupport.Integers or OperatorSupport.Impossible);
}
