using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Artifacts.Official.Kernels;

/// <summary>
/// Recurrent layers. In the training model other forward operators stand in their place, which also give the inner states of every step.
/// </summary>
internal static class RecurrentKernels
{
    private const int Lengths = 4, InitialHidden = 5, InitialCell = 6, Peepholes = 7;

    public static readonly OfficialKernel[] All =
    [
        new("LSTM", static node =>
        [
            node.Input(0), node.Input(1), node.Input(2), null, Given(node, InitialHidden), Given(node, InitialCell),
            States(node, 0, 1), States(node, 3, 1), States(node, 4, 4),
            node.OutputGradient(0), node.OutputGradient(1), node.OutputGradient(2),
        ])
        {
            Attributes = ["activations", "direction", "hidden_size"],
            TrainedAs = "LSTMTraining",
            AttributesOfForwardAlone = ["layout"],
            // It never sees the weights of peepholes.
            Applies = static node => IsPlain(node, "Sigmoid", "Tanh", "Tanh") && !node.HasInput(Peepholes) && node.Integer("input_forget", 0) == 0,
            GradientsTaken = 3,
            Outputs = [0, 1, 2, 3, InitialHidden, InitialCell],
            AlwaysWritten = [1, 2],
        },
        new("GRU", static node =>
        [
            node.Input(0), node.Input(1), node.Input(2), Given(node, 3), null, Given(node, InitialHidden),
            States(node, 0, 1), States(node, 2, 3), node.OutputGradient(0), node.OutputGradient(1),
        ])
        {
            Attributes = ["activations", "direction", "hidden_size", "linear_before_reset"],
            TrainedAs = "GRUTraining",
            AttributesOfForwardAlone = ["layout"],
            Applies = static node => IsPlain(node, "Sigmoid", "Tanh"),
            GradientsTaken = 2,
            Outputs = [0, 1, 2, 3, InitialHidden],
            AlwaysWritten = [1, 2],
        },
    ];

    /// <summary>One direction, forwards, with the default activations and without limits and lengths, which is all that the kernels take.</summary>
    private static bool IsPlain(GradientContext node, params string[] activations) =>
        node.Text("direction", "forward") == "forward"
        && node.Texts("activations")?.SequenceEqual(activations, StringComparer.OrdinalIgnoreCase) != false
        && !node.HasAttribute("activation_alpha") && !node.HasAttribute("activation_beta") && !node.HasAttribute("clip")
        && !node.HasInput(Lengths);

    /// <summary>A value of every step: [time, direction, batch, count × hidden].</summary>
    private static SymbolicTensor States(GradientContext node, int output, int count)
    {
        var x = node.Input(0).Type.Shape;
        return node.RequireOutput(
            output, new TensorType(ElementType.Float, [x?[0] ?? default, 1, x?[1] ?? default, count * node.Integer("hidden_size", 0)]));
    }

    private static SymbolicTensor? Given(GradientContext node, int input) => node.HasInput(input) ? node.Input(input) : null;
}
