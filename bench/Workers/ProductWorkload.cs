using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Bench;

/// <summary>ONNX Runtime's own product of two square matrices: the rate that matrix products reach on this machine.</summary>
internal sealed class ProductWorkload : IWorkload
{
    private const int Size = 1024;

    /// <summary>Floating-point operations of one call.</summary>
    public const double Operations = 2.0 * Size * Size * Size;

    private readonly BoundSession _bound;

    public ProductWorkload(int threads)
    {
        var graph = new GraphProto { Name = "product" };
        foreach (string input in new[] { "a", "b" })
            graph.Input.Add(TensorTypes.ToProto(input, new TensorType(ElementType.Float, [Size, Size])));
        graph.Output.Add(new ValueInfoProto { Name = "c" });
        graph.Node.Add(new NodeProto { OpType = "MatMul", Name = "c", Input = { "a", "b" }, Output = { "c" } });
        var model = new ModelProto { IrVersion = 10, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxDomains.Standard, Version = 21 });
        _bound = new BoundSession(RuntimeSession.Open(new OnnxModel(model, "product").ToBytes(), new FineTuningOptions { Threads = threads }), batch: 1);
    }

    public double Run()
    {
        _bound.Run();
        return 0;
    }

    public void Dispose() => _bound.Dispose();
}
