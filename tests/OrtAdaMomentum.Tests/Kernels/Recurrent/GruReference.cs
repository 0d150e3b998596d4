using OrtAdaMomentum.Kernels.Recurrent;

namespace OrtAdaMomentum.Tests.Kernels.Recurrent;

/// <summary>
/// One direction of gated recurrent units, whose reset gate acts behind the product, and its gradient in double precision, written out by elements.
/// </summary>
internal sealed class GruReference
{
    private const int Gates = 3, Kept = 4;

    private readonly RecurrentExtents _extents;
    private readonly float[] _r;
    private readonly float[]? _initialHidden;

    public GruReference(RecurrentExtents extents, float[] x, float[] w, float[] r, float[]? bias, float[]? initialHidden)
    {
        (_extents, _r, _initialHidden) = (extents, r, initialHidden);
        int hidden = extents.Hidden, state = extents.Batch * hidden;
        Y = new double[extents.Steps * extents.Directions * state];
        Opened = new double[extents.Steps * Kept * state];
        for (int walked = 0; walked < extents.Steps; walked++)
        {
            int step = (int)extents.Step(walked);
            for (int place = 0; place < state; place++)
            {
                double OfInput(int gate)
                {
                    int of = (gate * hidden) + (place % hidden);
                    double sum = bias?[of] ?? 0;
                    for (int input = 0; input < extents.Inputs; input++)
                        sum += (double)w[(of * extents.Inputs) + input] * x[(((step * extents.Batch) + (place / hidden)) * extents.Inputs) + input];
                    return sum;
                }

                double OfHidden(int gate)
                {
                    int of = (gate * hidden) + (place % hidden);
                    double sum = bias?[(Gates * hidden) + of] ?? 0;
                    for (int other = 0; other < hidden; other++)
                        sum += r[(of * hidden) + other] * Before(walked, (place / hidden * hidden) + other);
                    return sum;
                }

                double update = Sigmoid(OfInput(0) + OfHidden(0)), reset = Sigmoid(OfInput(1) + OfHidden(1)), product = OfHidden(2);
                double candidate = Math.Tanh(OfInput(2) + (reset * product));
                int kept = KeptAt(step, place);
                (Opened[kept], Opened[kept + hidden], Opened[kept + (2 * hidden)], Opened[kept + (3 * hidden)]) = (update, reset, candidate, product);
                Y[(int)(step * extents.OutputStride) + place] = ((1 - update) * candidate) + (update * Before(walked, place));
            }
        }
    }

    public double[] Y { get; }

    public double[] Opened { get; }

    public (double[] Gates, double[] Products, double[] Hidden) Back(float[]? gradient, float[]? lastHidden)
    {
        int hidden = _extents.Hidden, state = _extents.Batch * hidden;
        double[] gates = new double[_extents.Steps * Gates * state], products = new double[gates.Length];
        double[] h = [.. (lastHidden ?? new float[state]).Select(static value => (double)value)];
        for (int walked = _extents.Steps - 1; walked >= 0; walked--)
        {
            int step = (int)_extents.Step(walked);
            for (int place = 0; place < state; place++)
            {
                int kept = KeptAt(step, place), at = GateAt(step, place);
                double update = Opened[kept], reset = Opened[kept + hidden], candidate = Opened[kept + (2 * hidden)], product = Opened[kept + (3 * hidden)];
                double into = h[place] + (gradient?[(int)(step * _extents.OutputStride) + place] ?? 0);
                gates[at] = products[at] = into * (Before(walked, place) - candidate) * update * (1 - update);
                gates[at + (2 * hidden)] = into * (1 - update) * (1 - (candidate * candidate));
                gates[at + hidden] = products[at + hidden] = gates[at + (2 * hidden)] * product * reset * (1 - reset);
                products[at + (2 * hidden)] = gates[at + (2 * hidden)] * reset;
                h[place] = into * update;
            }

            for (int place = 0; place < state; place++)
            {
                int at = GateAt(step, place / hidden * hidden);
                h[place] += Enumerable.Range(0, Gates * hidden).Sum(gate => products[at + gate] * _r[(gate * hidden) + (place % hidden)]);
            }
        }

        return (gates, products, h);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private int KeptAt(int step, int place) => (((step * _extents.Batch) + (place / _extents.Hidden)) * Kept * _extents.Hidden) + (place % _extents.Hidden);

    private int GateAt(int step, int place) => (((step * _extents.Batch) + (place / _extents.Hidden)) * Gates * _extents.Hidden) + (place % _extents.Hidden);

    private double Before(int walked, int place) =>
        walked == 0 ? _initialHidden?[place] ?? 0 : Y[(int)(_extents.Step(walked - 1) * _extents.OutputStride) + place];
}
