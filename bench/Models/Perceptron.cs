using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Bench.Models;

/// <summary>Models of fully connected layers (Gemm, Relu, ..., Gemm, Softmax) of any width and depth.</summary>
internal static class Perceptron
{
    public const string Input = "x";

    public static OnnxModel Create(params int[] widths)
    {
        var graph = new GraphProto { Name = "perceptron" };
        graph.Input.Add(TensorTypes.ToProto(Input, new TensorType(ElementType.Float, [Dimension.Named("batch"), widths[0]])));
        graph.Output.Add(TensorTypes.ToProto("probabilities", new TensorType(ElementType.Float, [Dimension.Named("batch"), widths[^1]])));
        Random random = new(7);
        string last = Input;
        for (int layer = 1; layer < widths.Length; layer++)
        {
            int rows = widths[layer - 1], columns = widths[layer];
            float scale = MathF.Sqrt(6f / rows);
            graph.Initializer.Add(TensorData.Create($"weight{layer}", Uniform(random, rows * columns, scale), rows, columns));
            graph.Initializer.Add(TensorData.Create($"bias{layer}", new float[columns], columns));
            bool end = layer == widths.Length - 1;
            Add(graph, "Gemm", [last, $"weight{layer}", $"bias{layer}"], $"z{layer}");
            last = end ? "probabilities" : $"a{layer}";
            Add(graph, end ? "Softmax" : "Relu", [$"z{layer}"], last);
        }

        var model = new ModelProto { IrVersion = 10, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxDomains.Standard, Version = 21 });
        return new OnnxModel(model, "perceptron");
    }

    private static void Add(GraphProto graph, string opType, string[] inputs, string output)
    {
        var node = new NodeProto { OpType = opType, Name = output };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        graph.Node.Add(node);
    }

    private static float[] Uniform(Random random, int count, float scale)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = ((2 * random.NextSingle()) - 1) * scale;
        return values;
    }
}
