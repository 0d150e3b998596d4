using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.RealExports.DoublePrecision;

/// <summary>Resize along the last two axes as a product with a matrix for each, taken from what the runtime makes of unit vectors.</summary>
internal sealed class DoubleResize(NodeWriter writer, NodeProto node, Func<string, long[]> shapeOf, IReadOnlyDictionary<string, TensorProto> constants)
{
    public void Write()
    {
        long[] x = shapeOf(node.Input[0]), y = shapeOf(node.Output[0]);
        if (x.Length != 4 || x[0] != y[0] || x[1] != y[1])
            throw new NotSupportedException("Only resized images are written out.");
        string rows = writer.Numbers(Matrix(2, x[2], y[2]), x[2], y[2]);
        string columns = writer.Numbers(Matrix(3, x[3], y[3]), x[3], y[3]);
        string wide = writer.Node("MatMul", [node.Input[0], columns]);
        writer.NodeAs(node.Output[0], "MatMul", [writer.Node("Transpose", [rows]), wide]);
    }

    private double[] Matrix(int axis, long from, long to)
    {
        var resize = node.Clone();
        resize.Input.Clear();
        resize.Input.AddRange(["x", "", "scales", "sizes"]);
        resize.Output.Clear();
        resize.Output.Add("y");
        var model = new ModelBuilder().Input("x", ElementType.Float, from, 1, from, 1).Output("y");
        if (node.Input.Count > 2 && constants.TryGetValue(node.Input[2], out var scales) && scales.Dims is not [0])
        {
            resize.Input.RemoveAt(3);
            model.Initializer("scales", [1, 1, TensorData.ToFloats(scales)[axis], 1], 4);
        }
        else
        {
            resize.Input[2] = "";
            model.Initializer("sizes", new[] { from, 1, to, 1 }, 4);
        }

        var proto = model.Build();
        proto.Graph.Node.Add(resize);
        var units = new float[from * from];
        for (long index = 0; index < from; index++)
            units[index * from + index] = 1;
        return OrtRun.Run(proto, ("x", units, [from, 1, from, 1]))["y"].Numbers;
    }
}
