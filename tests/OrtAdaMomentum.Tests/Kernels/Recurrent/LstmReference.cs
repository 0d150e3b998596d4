using OrtAdaMomentum.Kernels.Recurrent;

namespace OrtAdaMomentum.Tests.Kernels.Recurrent;

/// <summary>One direction of a long short-term memory and its gradient in double precision, written out by elements.</summary>
internal sealed class LstmReference
{
    private const int Gates = 4;

    private readonly RecurrentExtents _extents;
    private readonly float[] _r;
    private readonly float[]? _initialCell;

    public LstmReference(RecurrentExtents extents, float[] x, float[] w, float[] r, float[]? bias, float[]? initialHidden, float[]? initialCell)
    {
        (_extents, _r, _initialCell) = (extents, r, initialCell);
        int state = extents.Batch * extents.Hidden;
        Y = new double[extents.Steps * extents.Directions * state];
        Opened = new double[extents.Steps * Gates * state];
        Cells = new double[extents.Steps * state];
        for (int walked = 0; walked < extents.Steps; walked++)
        {
            for (int row = 0; row < extents.Batch; row++)
            {
                for (int unit = 0; unit < extents.Hidden; unit++)
                    Open(walked, row, unit, x, w, bias, initialHidden);
            }
        }
    }

    public double[] Y { get; }

    public double[] Opened { get; }

    public double[] Cells { get; }

    public (double[] Gates, double[] Hidden, double[] Cell) Back(float[]? gradient, float[]? lastHidden, float[]? lastCell)
    {
        int hidden = _extents.Hidden, state = _extents.Batch * hidden;
        double[] result = new double[Opened.Length];
        double[] h = [.. (lastHidden ?? new float[state]).Select(static value => (double)value)];
        double[] c = [.. (lastCell ?? new float[state]).Select(static value => (double)value)];
        for (int walked = _extents.Steps - 1; walked >= 0; walked--)
        {
            int step = (int)_extents.Step(walked);
            for (int place = 0; place < state; place++)
            {
                int gates = GateAt(step, place / hidden, place % hidden);
                double i = Opened[gates], o = Opened[gates + hidden], f = Opened[gates + (2 * hidden)], g = Opened[gates + (3 * hidden)];
                double seen = Math.Tanh(Cells[(step * state) + place]);
                double into = h[place] + (gradient?[(int)(step * _extents.OutputStride) + place] ?? 0);
                c[place] += into * o * (1 - (seen * seen));
                result[gates] = c[place] * g * i * (1 - i);
                result[gates + hidden] = into * seen * o * (1 - o);
                result[gates + (2 * hidden)] = c[place] * CellBefore(walked, place) * f * (1 - f);
                result[gates + (3 * hidden)] = c[place] * i * (1 - (g * g));
                c[place] *= f;
            }

            for (int place = 0; place < state; place++)
            {
                int gates = GateAt(step, place / hidden, 0);
                h[place] = Enumerable.Range(0, Gates * hidden).Sum(gate => result[gates + gate] * _r[(gate * hidden) + (place % hidden)]);
            }
        }

        return (result, h, c);
    }

    private int GateAt(int step, int row, int unit) => (((step * _extents.Batch) + row) * Gates * _extents.Hidden) + unit;

    private double CellBefore(int walked, int place) => walked == 0
        ? _initialCell?[place] ?? 0
        : Cells[((int)_extents.Step(walked - 1) * _extents.Batch * _extents.Hidden) + place];

    private void Open(int walked, int row, int unit, float[] x, float[] w, float[]? bias, float[]? initialHidden)
    {
        int hidden = _extents.Hidden, inputs = _extents.Inputs, step = (int)_extents.Step(walked), place = (row * hidden) + unit;
        double Gate(int gate)
        {
            int of = (gate * hidden) + unit;
            double sum = bias is null ? 0 : (double)bias[of] + bias[(Gates * hidden) + of];
            for (int input = 0; input < inputs; input++)
                sum += (double)w[(of * inputs) + input] * x[(((step * _extents.Batch) + row) * inputs) + input];
            for (int other = 0; other < hidden; other++)
            {
                double before = walked == 0
                    ? initialHidden?[(row * hidden) + other] ?? 0
                    : Y[((int)_extents.Step(walked - 1) * (int)_extents.OutputStride) + (row * hidden) + other];
                sum += _r[(of * hidden) + other] * before;
            }

            return gate == 3 ? Math.Tanh(sum) : 1 / (1 + Math.Exp(-sum));
        }

        int gates = GateAt(step, row, unit);
        for (int gate = 0; gate < Gates; gate++)
            Opened[gates + (gate * hidden)] = Gate(gate);
        int cell = (step * _extents.Batch * hidden) + place;
        Cells[cell] = (CellBefore(walked, place) * Opened[gates + (2 * hidden)]) + (Opened[gates] * Opened[gates + (3 * hidden)]);
        Y[(step * (int)_extents.OutputStride) + place] = Opened[gates + hidden] * Math.Tanh(Cells[cell]);
    }
}
