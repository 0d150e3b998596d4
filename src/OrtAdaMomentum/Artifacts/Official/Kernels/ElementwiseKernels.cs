using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Artifacts.Official.Kernels;

/// <summary>Activations, of <c>(dY, Y)</c> where the slope follows from the output, else of <c>(dY, X)</c>; and quotients.</summary>
internal static class ElementwiseKernels
{
    public static readonly OfficialKernel[] All =
    [
        FromOutput("Relu"),
        FromOutput("Sigmoid"),
        FromOutput("Tanh"),
        FromOutput("LeakyRelu") with { Attributes = ["alpha"] },
        FromOutput("Softmax") with { OperatorType = static _ => "SoftmaxGrad_13", Attributes = ["axis"] },
        FromOutput("LogSoftmax") with { OperatorType = static _ => "LogSoftmaxGrad_13", Attributes = ["axis"] },
        FromInput("Gelu") with { OperatorType = static node => node.Text("approximate", "none") == "tanh" ? "FastGeluGrad" : "GeluGrad" },
        FromInput("QuickGelu") with { ForwardDomain = OnnxDomains.Microsoft, Attributes = ["alpha"] },
        new("Div", static node => [node.Gradient, node.Input(0), node.Input(1)]) { Outputs = [0, 1] },
    ];

    private static OfficialKernel FromOutput(string forward) => new(forward, static node => [node.Gradient, node.Output()]);

    private static OfficialKernel FromInput(string forward) => new(forward, static node => [node.Gradient, node.Input(0)]);
}
