using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Kernels.Recurrent;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Tests.Kernels.Recurrent;

public sealed unsafe class LstmKernelTests
{
    public static TheoryData<int, int, int, int, int, bool> Shapes => new()
    {
        { 1, 1, 1, 1, 1, false }, { 3, 2, 2, 3, 1, false }, { 4, 1, 5, 16, 1, true }, { 2, 13, 3, 33, 2, false }, { 5, 20, 40, 70, 2, true },
        { 3, 7, 1, 300, 1, false }, { 0, 2, 3, 4, 1, false }, { 2, 0, 3, 4, 1, false },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Every_step_is_that_of_the_definition(int steps, int batch, int inputs, int hidden, int directions, bool isReverse)
    {
        foreach (bool whole in new[] { false, true })
        {
            var layer = new Layer(new(steps, batch, inputs, hidden, directions, isReverse), whole);
            KernelRuns.Check($"{layer.Extents}, {whole}", layer.Forward, layer.Reference.Y, layer.Reference.Opened, layer.Reference.Cells);
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void The_gradient_is_that_of_the_definition(int steps, int batch, int inputs, int hidden, int directions, bool isReverse)
    {
        foreach (bool whole in new[] { false, true })
        {
            var layer = new Layer(new(steps, batch, inputs, hidden, directions, isReverse), whole);
            int state = batch * hidden;
            float[] gradient = KernelRuns.Random(7, steps * directions * state);
            float[]? lastHidden = whole ? KernelRuns.Random(8, state) : null, lastCell = whole ? KernelRuns.Random(9, state) : null;
            var (gates, ofHidden, ofCell) = layer.Reference.Back(gradient, lastHidden, lastCell);
            KernelRuns.Check(
                $"{layer.Extents}, {whole}", (width, threads) => layer.Backward(gradient, lastHidden, lastCell, width, threads), gates, ofHidden, ofCell);
        }
    }

    [Fact]
    public void Without_a_gradient_of_the_sequence_that_of_the_last_states_is_taken_back()
    {
        var layer = new Layer(new(3, 4, 2, 21, 1, IsReverse: false), whole: true);
        float[] lastCell = KernelRuns.Random(9, 4 * 21);
        var (gates, ofHidden, ofCell) = layer.Reference.Back(null, null, lastCell);
        KernelRuns.Check("last memory", (width, threads) => layer.Backward([], null, lastCell, width, threads), gates, ofHidden, ofCell);
    }

    /// <summary>A layer with everything that may be left out, or without.</summary>
    private sealed class Layer
    {
        private readonly float[] _x, _w, _r;
        private readonly float[]? _bias, _hidden, _cell;

        public Layer(RecurrentExtents extents, bool whole)
        {
            Extents = extents;
            int outputs = 4 * extents.Hidden, state = extents.Batch * extents.Hidden;
            _x = KernelRuns.Random(1, extents.Steps * extents.Batch * extents.Inputs);
            _w = Scaled(2, outputs * extents.Inputs, extents.Inputs);
            _r = Scaled(3, outputs * extents.Hidden, extents.Hidden);
            if (whole)
                (_bias, _hidden, _cell) = (KernelRuns.Random(4, 2 * outputs), KernelRuns.Random(5, state), KernelRuns.Random(6, state));
            Reference = new(extents, _x, _w, _r, _bias, _hidden, _cell);
        }

        public RecurrentExtents Extents { get; }

        public LstmReference Reference { get; }

        public float[][] Forward(VectorWidth width, KernelThreads threads)
        {
            int state = Extents.Batch * Extents.Hidden;
            float[] y = new float[Extents.Steps * Extents.Directions * state], opened = new float[Extents.Steps * 4 * state];
            float[] cells = new float[Extents.Steps * state];
            using Scratch scratch = new();
            fixed (float* x = _x, w = _w, r = _r, bias = _bias, hidden = _hidden, cell = _cell, py = y, po = opened, pc = cells)
            {
                LstmForward.Run(
                    new()
                    {
                        Sequence = new() { Extents = Extents, X = x, W = w, R = r, Bias = bias, InitialHidden = hidden, Y = py, Opened = po },
                        InitialCell = cell, Cells = pc,
                    },
                    scratch, threads, width);
            }

            return [y, opened, cells];
        }

        public float[][] Backward(float[] gradient, float[]? lastHidden, float[]? lastCell, VectorWidth width, KernelThreads threads)
        {
            int state = Extents.Batch * Extents.Hidden;
            float[] opened = Array.ConvertAll(Reference.Opened, static value => (float)value);
            float[] cells = Array.ConvertAll(Reference.Cells, static value => (float)value);
            float[] result = new float[opened.Length], hiddenResult = new float[state], cellResult = new float[state];
            using Scratch scratch = new();
            fixed (float* po = opened, pc = cells, r = _r, cell = _cell, pg = gradient, ph = lastHidden, pl = lastCell)
            fixed (float* pr = result, phr = hiddenResult, pcr = cellResult)
            {
                LstmBackward.Run(
                    new()
                    {
                        Extents = Extents, Opened = po, Cells = pc, R = r, InitialCell = cell, Gradient = pg, LastHidden = ph, LastCell = pl, Result = pr,
                        HiddenResult = phr, CellResult = pcr,
                    },
                    scratch, threads, width);
            }

            return [result, hiddenResult, cellResult];
        }

        private static float[] Scaled(int seed, int count, int depth) =>
            Array.ConvertAll(KernelRuns.Random(seed, count), value => value / MathF.Sqrt(depth));
    }
}
