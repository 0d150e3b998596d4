using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Kernels.Convolution;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench;

/// <summary>
/// The convolution kernels against ONNX Runtime's own nodes for the same: a convolution whose filter is an input, and the ordinary operators
/// that the gradient rules write.
/// </summary>
internal static unsafe class ConvolutionBench
{
    private const int Rounds = 9;

    public static void Run(string[] args)
    {
        Console.WriteLine($"{Environment.ProcessorCount} logical processors; milliseconds, medians of interleaved rounds; ratio below 1: the kernel is faster");
        Console.WriteLine("| shape                       | part     | threads | ONNX Runtime ms | kernel ms | ratio | kernel GFLOP/s |");
        Console.WriteLine("|:----------------------------|:---------|--------:|----------------:|----------:|------:|---------------:|");
        foreach (var (name, shape) in Shapes())
        {
            if (args.Length > 0 && !name.Contains(args[0], StringComparison.Ordinal))
                continue;
            for (int threads = 1; threads <= Math.Min(2, Environment.ProcessorCount); threads++)
                Measure(name, shape, threads);
        }
    }

    private static IEnumerable<(string Name, ConvolutionShape Shape)> Shapes()
    {
        yield return ("3x3 64-64 32x32 b16", Shape(16, 64, 64, 32, 3, 1, 1));
        yield return ("3x3/2 64-64 32x32 b16", Shape(16, 64, 64, 32, 3, 2, 1));
        yield return ("1x1 64-64 32x32 b16", Shape(16, 64, 64, 32, 1, 1, 0));
        yield return ("3x3 128-128 16x16 b16", Shape(16, 128, 128, 16, 3, 1, 1));
        yield return ("resnet 3x3 3-64 32x32", Shape(16, 3, 64, 32, 3, 1, 1));
        yield return ("resnet 3x3/2 64-128 32x32", Shape(16, 64, 128, 32, 3, 2, 1));
        yield return ("resnet 1x1/2 64-128 32x32", Shape(16, 64, 128, 32, 1, 2, 0));
        yield return ("resnet 3x3 256-256 8x8", Shape(16, 256, 256, 8, 3, 1, 1));
        yield return ("resnet 3x3 512-512 4x4", Shape(16, 512, 512, 4, 3, 1, 1));
        yield return ("few 3x3 16-16 56x56", Shape(4, 16, 16, 56, 3, 1, 1));
        yield return ("few 3x3 32-32 28x28", Shape(4, 32, 32, 28, 3, 1, 1));
        yield return ("few 3x3 16-64 7x7", Shape(4, 16, 64, 7, 3, 1, 1));
        yield return ("few 3x3 64-16 14x14", Shape(4, 64, 16, 14, 3, 1, 1));
        yield return ("mobilenet 3x3/2 3-32 96x96", Shape(8, 3, 32, 96, 3, 2, 1));
        yield return ("mobilenet 1x1 16-96 48x48", Shape(8, 16, 96, 48, 1, 1, 0));
        yield return ("mobilenet 1x1 144-32 12x12", Shape(8, 144, 32, 12, 1, 1, 0));
        yield return ("mobilenet 1x1 384-96 6x6", Shape(8, 384, 96, 6, 1, 1, 0));
        yield return ("mobilenet dw 3x3 32 48x48", Shape(8, 32, 32, 48, 3, 1, 1) with { Groups = 32 });
        yield return ("mobilenet dw 3x3/2 96 48x48", Shape(8, 96, 96, 48, 3, 2, 1) with { Groups = 96 });
        yield return ("mobilenet dw 3x3 384 6x6", Shape(8, 384, 384, 6, 3, 1, 1) with { Groups = 384 });
        yield return ("lenet 5x5 1-6 28x28 b64", Shape(64, 1, 6, 28, 5, 1, 2));
        yield return ("lenet 5x5 6-16 14x14 b64", Shape(64, 6, 16, 14, 5, 1, 0));
        yield return ("few 3x3 1-8 28x28 b32", Shape(32, 1, 8, 28, 3, 1, 1));
        yield return ("few 3x3 8-16 28x28 b32", Shape(32, 8, 16, 28, 3, 1, 1));
        yield return ("few 3x3 8-16 96x96 b16", Shape(16, 8, 16, 96, 3, 1, 1));
        yield return ("few 3x3 16-32 14x14 b32", Shape(32, 16, 32, 14, 3, 1, 1));
        yield return ("few 3x3/2 16-32 48x48 b16", Shape(16, 16, 32, 48, 3, 2, 1));
        yield return ("few 3x3 3-16 64x64 b16", Shape(16, 3, 16, 64, 3, 1, 1));
        yield return ("few 3x3/2 3-32 96x96 b8", Shape(8, 3, 32, 96, 3, 2, 1));
        yield return ("few 5x5 6-16 14x14 b8", Shape(8, 6, 16, 14, 5, 1, 0));
        yield return ("few 5x5 6-16 14x14 b2", Shape(2, 6, 16, 14, 5, 1, 0));
        yield return ("audio 80/4 1-32 16000 b8", Line(8, 1, 32, 16000, 80, 4));
        yield return ("audio 3 40-40 101 b8", Line(8, 40, 40, 101, 3, 1));
    }

    private static ConvolutionShape Shape(int batch, int inputs, int outputs, int extent, int kernel, int stride, int pad) => new()
    {
        Batch = batch, InputChannels = inputs, OutputChannels = outputs, Groups = 1, InputHeight = extent, InputWidth = extent,
        KernelHeight = kernel, KernelWidth = kernel, StrideHeight = stride, StrideWidth = stride, DilationHeight = 1, DilationWidth = 1,
        PadTop = pad, PadLeft = pad, PadBottom = pad, PadRight = pad,
    };

    private static ConvolutionShape Line(int batch, int inputs, int outputs, int extent, int kernel, int stride) =>
        Shape(batch, inputs, outputs, extent, kernel, stride, 0) with { InputHeight = 1, KernelHeight = 1, StrideHeight = 1 };

    private static void Measure(string name, ConvolutionShape shape, int threadCount)
    {
        long[] inputs = [shape.Batch, shape.InputChannels, shape.InputHeight, shape.InputWidth];
        long[] filters = [shape.OutputChannels, shape.GroupInputs, shape.KernelHeight, shape.KernelWidth];
        long[] outputs = [shape.Batch, shape.OutputChannels, shape.OutputHeight, shape.OutputWidth];
        using NativeTensors tensors = new(inputs, filters, outputs);
        using PairedThreads workers = new();
        using Scratch scratch = new();
        KernelThreads threads = threadCount == 1 ? KernelThreads.One : workers.Threads;
        double operations = 2.0 * shape.Batch * shape.OutputChannels * shape.OutputPlane * shape.GroupInputs * shape.Taps;

        Compare("forward", Forward(inputs, filters, outputs), ["x", "w"], [inputs, filters], outputs, () => ConvolutionForward.Run(
            new() { Shape = shape, Input = tensors.X, Filter = tensors.W, Output = tensors.Result }, scratch, threads));
        Compare("input", Gradient(shape, inputs, filters, outputs, "x"), ["g", "w"], [outputs, filters], inputs, () => ConvolutionInputGradient.Run(
            new() { Shape = shape, OutputGradient = tensors.Y, Filter = tensors.W, InputGradient = tensors.Result }, scratch, threads));
        Compare("filter", Gradient(shape, inputs, filters, outputs, "w"), ["x", "g"], [inputs, outputs], filters, () => ConvolutionFilterGradient.Run(
            new() { Shape = shape, Input = tensors.X, OutputGradient = tensors.Y, FilterGradient = tensors.Result }, scratch, threads));

        void Compare(string part, ModelProto model, string[] names, long[][] given, long[] result, Action kernel)
        {
            if (part == "forward")
                AddAttributes(model.Graph.Node[0], shape);
            using SessionOptions options = new() { IntraOpNumThreads = threadCount };
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            using InferenceSession session = new(model.ToByteArray(), options);
            using var binding = session.CreateIoBinding();
            using RunOptions runOptions = new();
            OrtValue[] values = [.. names.Select((each, index) => tensors.Value(each, given[index]))];
            using OrtValue target = tensors.Value("result", result);
            for (int i = 0; i < names.Length; i++)
                binding.BindInput(names[i], values[i]);
            binding.BindOutput(session.OutputNames[0], target);
            double[] seconds = Interleaved.Medians(Rounds, () => session.RunWithBinding(runOptions, binding), kernel);
            Console.WriteLine(Invariant(
                $"| {name,-27} | {part,-8} | {threadCount,7} | {seconds[0] * 1e3,15:F3} | {seconds[1] * 1e3,9:F3} | {seconds[1] / seconds[0],5:F2} | {operations / seconds[1] / 1e9,14:F0} |"));
            foreach (var value in values)
                value.Dispose();
        }
    }

    private static ModelProto Forward(long[] inputs, long[] filters, long[] outputs)
    {
        var graph = new GraphProto { Name = "convolution" };
        graph.Input.Add(Declare("x", inputs));
        graph.Input.Add(Declare("w", filters));
        graph.Output.Add(Declare("y", outputs));
        graph.Node.Add(new NodeProto { OpType = "Conv", Name = "conv", Input = { "x", "w" }, Output = { "y" } });
        var model = new ModelProto { IrVersion = 10, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxDomains.Standard, Version = 21 });
        return model;
    }

    /// <summary>The gradient by the library's rule: that of the sum of the output times a fixed output gradient.</summary>
    private static ModelProto Gradient(ConvolutionShape shape, long[] inputs, long[] filters, long[] outputs, string of)
    {
        ModelProto model = Forward(inputs, filters, outputs);
        AddAttributes(model.Graph.Node[0], shape);
        model.Graph.Input.Add(Declare("g", outputs));
        var graph = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var loss = (graph.Value("y") * graph.Value("g")).SumAll();
        var gradient = new Differentiator(graph, GradientRegistry.Default, 21).Differentiate(loss, [of])[of];
        model.Graph.Output.Clear();
        graph.AddOutput(gradient, "result");
        UnusedNodes.Remove(model.Graph);
        var unused = model.Graph.Input.Where(input => input.Name == of).ToArray();
        foreach (var input in unused)
            model.Graph.Input.Remove(input);
        return model;
    }

    private static void AddAttributes(NodeProto node, ConvolutionShape shape)
    {
        if (node.Attribute.Count > 0)
            return;
        node.With("kernel_shape", [shape.KernelHeight, shape.KernelWidth]).With("strides", [shape.StrideHeight, shape.StrideWidth])
            .With("pads", [shape.PadTop, shape.PadLeft, shape.PadBottom, shape.PadRight]).With("group", shape.Groups);
    }

    private static ValueInfoProto Declare(string name, long[] shape) =>
        TensorTypes.ToProto(name, new TensorType(ElementType.Float, [.. shape.Select(static extent => (Dimension)extent)]));
}
