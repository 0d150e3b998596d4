using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients.Official;

/// <summary>A pair QuantizeLinear, DequantizeLinear, which the official runtime trains as one operator and no case of a single node covers.</summary>
internal static class FakeQuantization
{
    public const string Name = "FakeQuantGrad of QuantizeLinear, DequantizeLinear";

    private const float Scale = 0.01f;
    private const byte Zero = 100;

    // From -2 to 2, where the range of the quantised values is from -1 to 1.55.
    private static readonly GradientCase Case = new("FakeQuant", "inside and outside of the range", CaseInputs.Within(-2, 2, 4, 8));
    private static readonly double[] X = new CaseValues(Case).Inputs[0];
    private static readonly double[] Dy = CaseValues.Weights(Case, 0, X.Length);

    private static long[] Shape => Case.Inputs[0].Shape;

    /// <summary>The model for the official runtime.</summary>
    public static ModelProto Model() => new ModelBuilder(GradientCase.Opset).Opset(OnnxDomains.Microsoft, 1)
        .Initializer(TensorData.Create("x0", ElementType.Float, X, Shape)).Initializer(TensorData.Create("dy0", ElementType.Float, Dy, Shape))
        .Initializer("scale", [Scale]).Initializer("zero", [(float)Zero])
        .Node(OnnxDomains.Microsoft, "FakeQuant", ["x0", "scale", "zero"], ["y0", "mask"], ("quant_min", 0L), ("quant_max", 255L))
        .Node(OnnxDomains.Microsoft, "FakeQuantGrad", ["dy0", "mask"], ["dx0"])
        .Output("dx0", TensorType.Of(ElementType.Float, Shape)).Build();

    /// <summary>The gradient of the pair.</summary>
    public static double[] Gradient()
    {
        var model = new ModelBuilder(GradientCase.Opset).Input("x0", ElementType.Float, Shape).Input("dy0", ElementType.Float, Shape)
            .Initializer("scale", [Scale]).Initializer(TensorData.Create("zero", ElementType.UInt8, [Zero]))
            .Node("QuantizeLinear", ["x0", "scale", "zero"], ["q"]).Node("DequantizeLinear", ["q", "scale", "zero"], ["y0"]).Build();
        var builder = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var loss = (builder.Value("y0") * builder.Value("dy0")).SumAll();
        var gradient = new Differentiator(builder, GradientRegistry.Default, GradientCase.Opset).Differentiate(loss, ["x0"])["x0"];
        builder.AddOutput(gradient, "dx0");
        var feeds = new Dictionary<string, (Array, long[])>
        {
            ["x0"] = (CaseValues.ToArray(X, ElementType.Float), Shape),
            ["dy0"] = (CaseValues.ToArray(Dy, ElementType.Float), Shape),
        };
        using var session = CaseSession.Open(model, feeds, optimize: true);
        return session.Run()["dx0"].Numbers;
    }
}
