using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Tests.Conformance;

/// <summary>
/// The loss Σ w·y of a model as it was stored and its derivatives by differences of ONNX Runtime's own forward pass: in double where the
/// runtime has kernels for the whole model, else in single precision with a wider, fourth-order stencil.
/// </summary>
internal sealed class ForwardLoss : IDisposable
{
    private readonly TensorSession _session;
    private readonly IReadOnlyDictionary<string, TensorProto> _feeds;

    private ForwardLoss(ConformanceModel model, ElementType precision, TensorSession session, IReadOnlyDictionary<string, TensorProto> feeds)
    {
        Precision = precision;
        _session = session;
        _feeds = feeds;
        var random = new Random(1);
        foreach (var (name, (numbers, shape)) in session.Run())
        {
            double[] factors = Factors(random, numbers.Length);
            // What is not a number or infinite from the start tells nothing.
            for (int index = 0; index < factors.Length; index++)
                factors[index] = double.IsFinite(numbers[index]) ? factors[index] : 0;
            Weights.Add(name, TensorData.Create(name, ElementType.Double, factors, shape));
        }
    }

    /// <summary>The precision of the forward pass.</summary>
    public ElementType Precision { get; }

    /// <summary>Factors of the outputs' elements, by output, in double precision.</summary>
    public Dictionary<string, TensorProto> Weights { get; } = [];

    /// <summary>Opens the model in the widest precision that the runtime has kernels for.</summary>
    /// <exception cref="OnnxRuntimeException">The runtime takes it in none.</exception>
    public static ForwardLoss Open(ConformanceModel model)
    {
        if (ConformanceTable.SinglePrecision.Any(entry => entry.Covers(model.Name)))
            return Open(model, ElementType.Float);
        try
        {
            return Open(model, ElementType.Double);
        }
        catch (OnnxRuntimeException)
        {
            return Open(model, ElementType.Float);
        }
    }

    /// <summary>The derivatives of the loss by some elements of a variable.</summary>
    /// <param name="variable">Name of the input or parameter.</param>
    /// <param name="elements">Places in it.</param>
    /// <param name="fine">Takes steps a sixteenth as long, which reach over fewer kinks and round more.</param>
    public Difference[] Of(string variable, IReadOnlyList<int> elements, bool fine = false)
    {
        double[] values = TensorData.ToDoubles(_feeds[variable]);
        return [.. elements.Select(element => Of(variable, element, values[element], StepAt(values[element]) / (fine ? 16 : 1)))];
    }

    public void Dispose() => _session.Dispose();

    private static ForwardLoss Open(ConformanceModel model, ElementType precision)
    {
        var proto = Retyping.To(precision, model.Model.Proto);
        var feeds = model.Feeds.Values.Concat(model.Parameters.Values).ToDictionary(
            static tensor => tensor.Name, tensor => Retyping.To(precision, tensor));
        ParametersAsInputs(proto.Graph);
        var session = new TensorSession(proto, feeds, optimize: false);
        try
        {
            return new ForwardLoss(model, precision, session, feeds);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static void ParametersAsInputs(GraphProto graph)
    {
        var declared = graph.Input.Select(static input => input.Name).ToHashSet();
        TensorProto[] parameters = [.. graph.Initializer.Where(static tensor => ((ElementType)tensor.DataType).IsFloatingPoint())];
        foreach (var parameter in parameters)
        {
            graph.Initializer.Remove(parameter);
            if (!declared.Contains(parameter.Name))
                graph.Input.Add(TensorTypes.ToProto(parameter.Name, TensorTypes.Of(parameter)));
        }
    }

    private static double[] Factors(Random random, int count)
    {
        var factors = new double[count];
        for (int index = 0; index < count; index++)
            factors[index] = (float)((0.5 + random.NextDouble()) * (random.Next(2) == 0 ? -1 : 1));
        return factors;
    }

    private Difference Of(string variable, int element, double value, double step)
    {
        Span<double> losses = stackalloc double[5];
        Span<double> places = stackalloc double[5];
        for (int point = 0; point < losses.Length; point++)
        {
            places[point] = _session.Move(variable, element, value, (point - 2) * step);
            losses[point] = Loss();
        }

        _session.Move(variable, element, value, 0);
        return Difference.Of(places, losses);
    }

    // Powers of two in single precision: so the points of the stencil are exact, or nearly.
    private double StepAt(double value) =>
        Precision == ElementType.Double ? 1e-5 : Math.Pow(2, Math.Max(0, Math.Ceiling(Math.Log2(Math.Abs(value) / 8)))) / 128;

    /// <summary>The loss for what the inputs hold now; not a number where the runtime does not take it or an output has another size.</summary>
    public double Loss()
    {
        Dictionary<string, (double[] Numbers, long[] Shape)> outputs;
        try
        {
            outputs = _session.Run();
        }
        catch (OnnxRuntimeException)
        {
            return double.NaN;
        }

        double sum = 0;
        foreach (var (name, (numbers, _)) in outputs)
        {
            double[] weights = TensorData.ToDoubles(Weights[name]);
            if (weights.Length != numbers.Length)
                return double.NaN;
            for (int index = 0; index < numbers.Length; index++)
                sum += weights[index] == 0 ? 0 : weights[index] * numbers[index];
        }

        return sum;
    }
}
