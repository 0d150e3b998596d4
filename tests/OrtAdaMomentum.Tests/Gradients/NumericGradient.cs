using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>
/// The loss Σ w·y of a case and its derivatives by differences of ONNX Runtime's own forward pass, summed in double. In double where the
/// runtime has a kernel for it, else in single precision with a wider, fourth-order stencil.
/// </summary>
internal sealed class NumericGradient : IDisposable
{
    private readonly GradientCase _case;
    private readonly Dictionary<string, (Array Data, long[] Shape)> _feeds;
    private readonly CaseSession _session;
    private readonly Dictionary<string, double[]> _weights = [];

    public NumericGradient(GradientCase @case, CaseValues values)
    {
        _case = @case;
        Precision = @case.SingleOnly is null ? ElementType.Double : ElementType.Float;
        _feeds = CaseModel.Feeds(@case, values, Precision);
        var session = TryOpen(values);
        if (session is null && Precision == ElementType.Double)
        {
            Precision = ElementType.Float;
            _feeds = CaseModel.Feeds(@case, values, Precision);
            session = TryOpen(values);
        }

        _session = session ?? throw new NotSupportedException($"ONNX Runtime has no kernel for {@case.Operator}.");
        Outputs = _session.Run();
        foreach (var (name, tensor) in Outputs)
        {
            int index = int.Parse(name.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
            if (tensor.Data is double[] or float[] && !@case.UnusedOutputs.Contains(index))
                _weights[name] = CaseValues.Weights(@case, index, tensor.Data.Length);
        }
    }

    /// <summary>The precision of the forward pass.</summary>
    public ElementType Precision { get; }

    /// <summary>Outputs of the forward pass.</summary>
    public IReadOnlyDictionary<string, OrtTensor> Outputs { get; }

    /// <summary>Factors of the outputs that the loss depends on.</summary>
    public IReadOnlyDictionary<string, double[]> Weights => _weights;

    /// <summary>The derivatives of the loss by each element of an input.</summary>
    public double[] Of(int input)
    {
        var data = _feeds[CaseModel.Input(input)].Data;
        var gradient = new double[data.Length];
        for (int index = 0; index < gradient.Length; index++)
            gradient[index] = Precision == ElementType.Double ? Central((double[])data, index) : FourthOrder((float[])data, index);
        return gradient;
    }

    public void Dispose() => _session.Dispose();

    private CaseSession? TryOpen(CaseValues values) =>
        CaseSession.TryOpen(CaseModel.Build(_case, values, Precision, ShapeKnowledge.Fixed, declareOutputs: true), _feeds, optimize: false);

    private double Central(double[] data, int index)
    {
        const double step = 1e-5;
        double before = data[index];
        data[index] = before + step;
        var (up, high) = (data[index], Loss());
        data[index] = before - step;
        var (down, low) = (data[index], Loss());
        data[index] = before;
        return (high - low) / (up - down);
    }

    private double FourthOrder(float[] data, int index)
    {
        // A power of two: with values of ordinary size the points of the stencil are almost exact.
        const float step = 1f / 128;
        float before = data[index];
        double At(int steps)
        {
            data[index] = before + steps * step;
            return Loss();
        }

        double derivative = (8 * (At(1) - At(-1)) - (At(2) - At(-2))) / (12 * step);
        data[index] = before;
        return derivative;
    }

    private double Loss()
    {
        var outputs = _session.Run();
        double sum = 0;
        foreach (var (name, weights) in _weights)
        {
            double[] values = outputs[name].Numbers;
            for (int index = 0; index < values.Length; index++)
                sum += weights[index] * values[index];
        }

        return sum;
    }
}
