using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Kernels.Recurrent;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Tests.Kernels.Recurrent;

public sealed unsafe class GruKernelTests
{
    [Theory, MemberData(nameof(LstmKernelTests.Shapes), MemberType = typeof(LstmKernelTests))]
    public void Every_step_is_that_of_the_definition(int steps, int batch, int inputs, int hidden, int directions, bool isReverse)
    {
        foreach (bool whole in new[] { false, true })
        {
            var layer = new Layer(new(steps, batch, inputs, hidden, directions, isReverse), whole);
            KernelRuns.Check($"{layer.Extents}, {whole}", layer.Forward, layer.Reference.Y, layer.Reference.Opened);
        }
    }

    [Theory, MemberData(nameof(LstmKernelTests.Shapes), MemberType = typeof(LstmKernelTests))]
    public void The_gradient_is_that_of_the_definition(int steps, int batch, int inputs, int hidden, int directions, bool isReverse)
    {
        foreach (bool whole in new[] { false, true })
        {
            var layer = new Layer(new(steps, batch, inputs, hidden, directions, isReverse), whole);
            float[] gradient = whole ? KernelRuns.Random(7, steps * directions * batch * hidden) : [];
            float[] lastHidden = KernelRuns.Random(8, batch * hidden);
            var (gates, products, first) = layer.Reference.Back(whole ? gradient : null, lastHidden);
            KernelRuns.Check(
                $"{layer.Extents}, {whole}", (width, threads) => layer.Backward(gradient, lastHidden, width, threads), gates, products, first);
        }
    }

    /// <summary>A layer with everything that may be left out, or without.</summary>
    private sealed class Layer
    {
        private readonly float[] _x, _w, _r;
        private readonly float[]? _bias, _hidden;

        public Layer(RecurrentExtents extents, bool whole)
        {
            Extents = extents;
            int outputs = 3 * extents.Hidden;
            _x = KernelRuns.Random(1, extents.Steps * extents.Batch * extents.Inputs);
            _w = Array.ConvertAll(KernelRuns.Random(2, outputs * extents.Inputs), value => value / MathF.Sqrt(extents.Inputs));
            _r = Array.ConvertAll(KernelRuns.Random(3, outputs * extents.Hidden), value => value / MathF.Sqrt(extents.Hidden));
            if (whole)
                (_bias, _hidden) = (KernelRuns.Random(4, 2 * outputs), KernelRuns.Random(5, extents.Batch * extents.Hidden));
            Reference = new(extents, _x, _w, _r, _bias, _hidden);
        }

        public RecurrentExtents Extents { get; }

        public GruReference Reference { get; }

        public float[][] Forward(VectorWidth width, KernelThreads threads)
        {
            float[] y = new float[Reference.Y.Length], opened = new float[Reference.Opened.Length];
            using Scratch scratch = new();
            fixed (float* x = _x, w = _w, r = _r, bias = _bias, hidden = _hidden, py = y, po = opened)
            {
                GruForward.Run(
                    new() { Sequence = new() { Extents = Extents, X = x, W = w, R = r, Bias = bias, InitialHidden = hidden, Y = py, Opened = po } },
                    scratch, threads, width);
            }

            return [y, opened];
        }

        public float[][] Backward(float[] gradient, float[] lastHidden, VectorWidth width, KernelThreads threads)
        {
            float[] opened = Array.ConvertAll(Reference.Opened, static value => (float)value), y = Array.ConvertAll(Reference.Y, static value => (float)value);
            float[] result = new float[opened.Length / 4 * 3], products = new float[result.Length], first = new float[lastHidden.Length];
            using Scratch scratch = new();
            fixed (float* po = opened, py = y, r = _r, hidden = _hidden, pg = gradient, pl = lastHidden, pr = result, pp = products, pf = first)
            {
                GruBackward.Run(
                    new()
                    {
                        Extents = Extents, Opened = po, Y = py, R = r, InitialHidden = hidden, Gradient = pg, LastHidden = pl, Result = pr,
                        ProductResult = pp, HiddenResult = pf,
                    },
                    scratch, threads, width);
            }

            return [result, products, first];
        }
    }
}
