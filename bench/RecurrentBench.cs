using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench;

/// <summary>How the time of a recurrent layer and of its gradient grows with the length of the sequence: in proportion.</summary>
internal static class RecurrentBench
{
    private const int Batch = 8;
    private const int Width = 64;
    private const int Rounds = 5;

    public static void Run(string[] args)
    {
        ModelProto forward = Lstm(), training = forward.Clone();
        Differentiate(training);
        using var plain = new InferenceSession(forward.ToByteArray());
        using var whole = new InferenceSession(training.ToByteArray());
        Console.WriteLine($"bidirectional LSTM, batch {Batch}, {Width} inputs, {Width} units; medians of interleaved rounds");
        Console.WriteLine("| steps | forward ms | with gradient ms | ratio | us per step |");
        Console.WriteLine("|------:|-----------:|-----------------:|------:|------------:|");
        foreach (int steps in new[] { 50, 100, 200, 400, 800 })
        {
            float[] data = new float[steps * Batch * Width];
            Array.Fill(data, 0.5f);
            using var x = OrtValue.CreateTensorValueFromMemory(data, [steps, Batch, Width]);
            double[] seconds = Interleaved.Medians(Rounds, () => Step(plain, x), () => Step(whole, x));
            Console.WriteLine(Invariant(
                $"| {steps,5} | {seconds[0] * 1e3,10:F2} | {seconds[1] * 1e3,16:F2} | {seconds[1] / seconds[0],5:F1} | {seconds[1] * 1e6 / steps,11:F1} |"));
        }
    }

    private static void Step(InferenceSession session, OrtValue x)
    {
        using var options = new RunOptions();
        using var outputs = session.Run(options, ["x"], [x], session.OutputNames);
    }

    private static void Differentiate(ModelProto model)
    {
        var graph = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var loss = graph.Value("y").SumAll();
        foreach (var (parameter, gradient) in new Differentiator(graph, GradientRegistry.Default, 21).Differentiate(loss, ["w", "r", "b"]))
            graph.AddOutput(gradient, $"gradient of {parameter}");
        UnusedNodes.Remove(model.Graph);
    }

    private static ModelProto Lstm()
    {
        var graph = new GraphProto { Name = "lstm" };
        graph.Input.Add(TensorTypes.ToProto("x", new TensorType(ElementType.Float, [Dimension.Named("time"), Batch, Width])));
        graph.Output.Add(new ValueInfoProto { Name = "y" });
        foreach (var (name, shape) in new (string, long[])[] { ("w", [2, 4 * Width, Width]), ("r", [2, 4 * Width, Width]), ("b", [2, 8 * Width]) })
        {
            Random random = new(name[0]);
            float[] values = [.. Enumerable.Range(0, (int)shape.Aggregate(static (a, b) => a * b)).Select(_ => (random.NextSingle() - 0.5f) / 4)];
            graph.Initializer.Add(TensorData.Create(name, values, shape));
        }

        var node = new NodeProto { OpType = "LSTM", Name = "lstm", Input = { "x", "w", "r", "b" }, Output = { "y" } };
        graph.Node.Add(node.With("hidden_size", Width).With("direction", "bidirectional"));
        var model = new ModelProto { IrVersion = 10, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxDomains.Standard, Version = 21 });
        return model;
    }
}
