using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.RealExports.DoublePrecision;

/// <summary>Resize as a product with a matrix along each axis that it changes, taken from what the runtime makes of unit vectors.</summary>
internal sealed class DoubleResize(NodeWriter writer, NodeProto node, Func<string, long[]> shapeOf, IReadOnlyDictionary<string, TensorProto> constants)
{
    public void Write()
    {
        long[] x = shapeOf(node.Input[0]), y = shapeOf(node.Output[0]);
        string value = node.Input[0];
        for (int axis = 0; axis < x.Length; axis++)
        {
            if (x[axis] == y[axis])
                continue;
            string matrix = writer.Numbers(Matrix(axis, x[axis], y[axis]), x[axis], y[axis]);
            long[] axisLast = [.. Enumerable.Range(0, x.Length).Select(place => (long)place)];
            (axisLast[axis], axisLast[^1]) = (axisLast[^1], axisLast[axis]);
            string product = writer.Node("MatMul", [writer.Node("Transpose", [value], ("perm", axisLast)), matrix]);
            value = writer.Node("Transpose", [product], ("perm", axisLast));
        }

        writer.NodeAs(node.Output[0], "Identity", [value]);
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
