using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>On which sides of the kinks of LeakyRelu, Max and MaxPool, in two dimensions and without padding, the values of a network lie.</summary>
internal sealed class KinkSides(GraphProto graph)
{
    /// <summary>Whether a node bends its gradient.</summary>
    public static bool IsKinked(NodeProto node) => node.OpType is "LeakyRelu" or "Max" or "MaxPool";

    /// <summary>What Max compares with.</summary>
    public float Limit(NodeProto max) => TensorData.ToFloats(graph.Initializer.Single(tensor => tensor.Name == max.Input[1])).Single();

    /// <summary>
    /// The value that all of a window may have because a Max in front of the pooling has cut them off: their gradients are then those of the limit, whichever is taken.
    /// </summary>
    public float LimitBefore(NodeProto pool) =>
        graph.Node.FirstOrDefault(other => other.Output[0] == pool.Input[0]) is { OpType: "Max" } max ? Limit(max) : float.NegativeInfinity;

    /// <summary>For every value, or every window, the side that the gradient takes.</summary>
    public int[] Of(NodeProto node, float[] x, long[] shape) => node.OpType switch
    {
        "LeakyRelu" => Array.ConvertAll(x, static value => value > 0 ? 1 : 0),
        "Max" when Limit(node) is var limit => Array.ConvertAll(x, value => value > limit ? 1 : 0),
        _ => [.. Leads(node, x, shape).Select(static lead => lead.Place)],
    };

    /// <summary>Of every window the place of its largest value, and how far that is above the second.</summary>
    public IEnumerable<(int Place, float Lead)> Leads(NodeProto pool, ReadOnlyMemory<float> x, long[] shape)
    {
        int[] kernel = Numbers(pool, "kernel_shape"), strides = Numbers(pool, "strides");
        int height = (int)shape[2], width = (int)shape[3], planes = (int)(shape[0] * shape[1]);
        float limit = LimitBefore(pool);
        for (int plane = 0; plane < planes; plane++)
        {
            for (int top = 0; top + kernel[0] <= height; top += strides[0])
            {
                for (int left = 0; left + kernel[1] <= width; left += strides[1])
                    yield return Lead(x.Span[((plane * height + top) * width + left)..], kernel, width, limit);
            }
        }
    }

    private static int[] Numbers(NodeProto node, string name) =>
        [.. node.Attribute.Single(attribute => attribute.Name == name).Ints.Select(static number => (int)number)];

    private static (int Place, float Lead) Lead(ReadOnlySpan<float> window, int[] kernel, int width, float limit)
    {
        int place = 0;
        float first = float.NegativeInfinity, second = float.NegativeInfinity;
        for (int row = 0; row < kernel[0]; row++)
        {
            for (int column = 0; column < kernel[1]; column++)
            {
                float value = window[row * width + column];
                if (value > first)
                    (place, first, second) = (row * kernel[1] + column, value, first);
                else
                    second = Math.Max(second, value);
            }
        }

        return (place, first == limit ? float.PositiveInfinity : first - second);
    }
}
