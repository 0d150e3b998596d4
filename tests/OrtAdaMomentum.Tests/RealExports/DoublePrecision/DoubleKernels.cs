using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Tests.RealExports.DoublePrecision;

/// <summary>Writes operators without a kernel in double out in others; every other node is taken over.</summary>
internal sealed class DoubleKernels(NodeWriter writer, Func<string, long[]> shapeOf, IReadOnlyDictionary<string, TensorProto> constants)
{
    public IReadOnlyList<NodeProto> Nodes => writer.Nodes;

    public void Write(NodeProto node)
    {
        string x = node.Input.Count > 0 ? node.Input[0] : "", y = node.Output[0];
        switch (node.OpType)
        {
            case "Conv":
                DoubleConvolution.Write(writer, node, shapeOf);
                break;
            case "ConvTranspose":
                DoubleConvolution.WriteTransposed(writer, node, shapeOf);
                break;
            case "AveragePool":
                DoubleConvolution.WriteAverage(writer, node, shapeOf);
                break;
            case "GlobalAveragePool":
                writer.NodeAs(y, "ReduceMean", [x, writer.Integers([.. Enumerable.Range(2, shapeOf(x).Length - 2).Select(static axis => (long)axis)])]);
                break;
            case "LeakyRelu":
                var below = writer.Node("Min", [x, writer.Number(0)]);
                writer.NodeAs(y, "Add", [writer.Node("Relu", [x]), writer.Node("Mul", [below, writer.Number(node.FloatOr("alpha", 0.01f))])]);
                break;
            case "HardSigmoid":
                var line = writer.Node("Mul", [x, writer.Number(node.FloatOr("alpha", 0.2f))]);
                line = writer.Node("Add", [line, writer.Number(node.FloatOr("beta", 0.5f))]);
                writer.NodeAs(y, "Clip", [line, writer.Number(0), writer.Number(1)]);
                break;
            case "Softplus":
                var bend = writer.Node("Exp", [writer.Node("Neg", [writer.Node("Abs", [x])])]);
                bend = writer.Node("Log", [writer.Node("Add", [bend, writer.Number(1)])]);
                writer.NodeAs(y, "Add", [writer.Node("Relu", [x]), bend]);
                break;
            case "Erf":
                Erf(x, y);
                break;
            case "LSTM":
                DoubleRecurrence.WriteLstm(writer, node, shapeOf);
                break;
            case "GRU":
                DoubleRecurrence.WriteGru(writer, node, shapeOf);
                break;
            case "LayerNormalization":
                LayerNormalization(node);
                break;
            case "OneHot":
                var offOn = writer.Node("Cast", [node.Input[2]], ("to", (long)ElementType.Float));
                var hot = writer.Node("OneHot", [x, node.Input[1], offOn], ("axis", node.IntOr("axis", -1)));
                writer.NodeAs(y, "Cast", [hot], ("to", (long)ElementType.Double));
                break;
            case "Resize":
                new DoubleResize(writer, node, shapeOf, constants).Write();
                break;
            default:
                writer.Nodes.Add(node);
                break;
        }
    }

    /// <summary>The runtime has a kernel, which rounds the statistics to single precision.</summary>
    private void LayerNormalization(NodeProto node)
    {
        int rank = shapeOf(node.Input[0]).Length;
        int first = (int)((node.IntOr("axis", -1) + rank) % rank);
        string axes = writer.Integers([.. Enumerable.Range(first, rank - first).Select(static axis => (long)axis)]);
        string mean = writer.Node("ReduceMean", [node.Input[0], axes]);
        string centred = writer.Node("Sub", [node.Input[0], mean]);
        string variance = writer.Node("ReduceMean", [writer.Node("Mul", [centred, centred]), axes]);
        string deviation = writer.Node("Sqrt", [writer.Node("Add", [variance, writer.Number(node.FloatOr("epsilon", 1e-5f))])]);
        string inverse = writer.Node("Reciprocal", [deviation]);
        string scaled = writer.Node("Mul", [writer.Node("Mul", [centred, inverse]), node.Input[1]]);
        bool biased = node.Input.Count > 2 && node.Input[2].Length > 0;
        writer.NodeAs(node.Output[0], biased ? "Add" : "Identity", biased ? [scaled, node.Input[2]] : [scaled]);
        foreach (var (place, statistic) in new[] { (1, mean), (2, inverse) })
        {
            if (node.Output.Count > place && node.Output[place].Length > 0)
                writer.NodeAs(node.Output[place], "Identity", [statistic]);
        }
    }

    /// <summary>
    /// The series <c>2/√π e^(-x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!</c>, whose terms are all of one sign; 120 of them are exact in double up to 5, beyond which
    /// the function is 1.
    /// </summary>
    private void Erf(string x, string y)
    {
        string inside = writer.Node("Clip", [x, writer.Number(-6), writer.Number(6)]);
        string square = writer.Node("Mul", [inside, inside]);
        const int terms = 120;
        var factors = new double[terms];
        factors[0] = 1;
        for (int n = 1; n < terms; n++)
            factors[n] = factors[n - 1] * 2 / ((2 * n) + 1);
        string sum = writer.Number(factors[^1]);
        for (int n = terms - 2; n >= 0; n--)
            sum = writer.Node("Add", [writer.Node("Mul", [sum, square]), writer.Number(factors[n])]);
        string bell = writer.Node("Exp", [writer.Node("Neg", [square])]);
        string scaled = writer.Node("Mul", [writer.Node("Mul", [inside, sum]), bell]);
        writer.NodeAs(y, "Mul", [scaled, writer.Number(2 / Math.Sqrt(Math.PI))]);
    }
}
