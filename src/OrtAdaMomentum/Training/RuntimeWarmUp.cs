using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Training;

/// <summary>
/// Does what only the first session of a process pays for, the loading of ONNX Runtime's library and its table of operators above all, by
/// running a model of one node. It needs no artifacts, so it can be done while those are read.
/// </summary>
internal static class RuntimeWarmUp
{
    private const string Input = "x", Output = "y";

    /// <summary>Runs the model. What goes wrong is left for the first real session, which can say what it was opening.</summary>
    public static void Run(FineTuningOptions options)
    {
        try
        {
            using var session = RuntimeSession.OpenTraining(Model(), options with { Provider = ExecutionProvider.Cpu, Threads = 1 });
            using var runOptions = new RunOptions();
            using var input = new NativeTensor(Input, ElementType.Float, [1]);
            using var output = new NativeTensor(Output, ElementType.Float, [1]);
            using var binding = session.CreateIoBinding();
            binding.BindInput(Input, input.Value);
            binding.BindOutput(Output, output.Value);
            session.RunWithBinding(runOptions, binding);
        }
        catch (Exception problem) when (problem is FineTuningException or OnnxRuntimeException or TypeInitializationException or DllNotFoundException)
        {
        }
    }

    private static byte[] Model()
    {
        var scalar = new TensorType(ElementType.Float, [1]);
        var graph = new GraphProto { Name = "warm_up" };
        graph.Input.Add(TensorTypes.ToProto(Input, scalar));
        graph.Output.Add(TensorTypes.ToProto(Output, scalar));
        graph.Node.Add(new NodeProto { OpType = "Neg", Name = Output, Input = { Input }, Output = { Output } });
        var model = new ModelProto { IrVersion = ModelNormalizer.TargetIrVersion, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxDomains.Standard, Version = ModelNormalizer.TargetOpset });
        return model.ToByteArray();
    }
}
