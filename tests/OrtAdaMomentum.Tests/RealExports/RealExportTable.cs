using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Tests.RealExports;

/// <summary>The files and how each is trained.</summary>
internal static class RealExportTable
{
    // Most networks here take more nodes to train than 2.2 for each of their own, and the documentation says why: the gradient of a filter is a
    // product per tap of its kernel, and a loss is some twenty nodes however small the network.
    private const double Convolutions = 27;
    private const double Small = 8;
    private const double Recurrent = 11;
    private const double Transformer = 4;

    // In large networks some activations lie so near a kink of Relu, Clip or MaxPool that single precision sees them on the other side.
    private const double NearKinks = 5e-2;

    private static readonly BinaryCrossEntropyLoss Binary = new();
    private static readonly CrossEntropyLoss Classes = new();
    private static readonly MeanSquaredErrorLoss Squares = new();

    public static IReadOnlyDictionary<string, RealExport> All { get; } =
        new[] { WakeWords(), TextRecognition(), Keijiro(), Detection(), Voice(), Images(), Sequences() }.SelectMany(static group => group)
            .ToDictionary(static export => export.Name);

    private static IEnumerable<RealExport> WakeWords()
    {
        const string folder = "openwakeword/models/";
        // The embedding sees mel spectrograms scaled to about 0 to 10 and gives numbers of that size.
        yield return new("openWakeWord embedding", folder + "embedding_model.onnx", Squares)
        {
            Ranges = Range("input_1", 0, 5),
            LearningRate = 1e-5,
            NodeRatio = Convolutions,
        };
        foreach (string head in new[] { "alexa", "hey_mycroft", "hey_rhasspy", "weather" })
            yield return new($"openWakeWord {head}", $"{folder}{head}_v0.1.onnx", Binary) { Batch = 8, NodeRatio = Small };
        // The second network that the first one's answer calls for is computed always; which of the two counts is no sigmoid any more.
        yield return new("openWakeWord hey_jarvis", folder + "hey_jarvis_v0.1.onnx", Squares) { Batch = 8, NodeRatio = Small };
        yield return new("openWakeWord timer", folder + "timer_v0.1.onnx", Classes) { Batch = 8, NodeRatio = Small };
    }

    private static IEnumerable<RealExport> TextRecognition()
    {
        const string folder = "ppocr/assets/";
        yield return new("PP-OCRv4 rec", folder + "ch_PP-OCRv4_rec_infer.onnx", new CtcLoss())
        {
            Shapes = new Dictionary<string, long[]> { ["x"] = [3, 48, 160], ["labels"] = [6] },
            Batch = 2,
            NodeRatio = Convolutions,
            SingleTolerance = NearKinks,
        };
        yield return new("PP-OCRv4 cls", folder + "ch_ppocr_mobile_v2.0_cls_infer.onnx", Classes) { Shapes = Shape("x", 3, 48, 192), NodeRatio = Convolutions };
    }

    private static IEnumerable<RealExport> Keijiro()
    {
        const string folder = "blazeface/ONNX/";
        yield return new("BlazeFace front", folder + "face_detection_front_128x128_barracuda.onnx", Squares) { Output = "Identity_3:0", Batch = 2, NodeRatio = Convolutions };
        yield return new("BlazeFace back", folder + "face_detection_back_256x256_barracuda.onnx", Squares)
        {
            Output = "Identity_3:0",
            Batch = 1,
            NodeRatio = Convolutions,
            SingleTolerance = NearKinks,
        };
        // A score counts where it is the largest of its neighbours, and is nothing elsewhere: the original differs from itself by the level
        // of optimisation.
        yield return new("M-LSD tiny", "mlsd/ONNX/mlsd_320x320_tiny.onnx", Squares)
        {
            Output = "offsets",
            Shapes = Shape("labels", 160, 160, 4),
            Batch = 1,
            NodeRatio = Convolutions,
            SingleTolerance = NearKinks,
            Stepwise = ["scores"],
        };
    }

    private static IEnumerable<RealExport> Detection()
    {
        yield return new("PP-OCRv4 det", "ppocr/assets/ch_PP-OCRv4_det_infer.onnx", Binary)
        {
            Shapes = new Dictionary<string, long[]> { ["x"] = [3, 64, 64], ["labels"] = [1, 64, 64] },
            Batch = 2,
            NodeRatio = Convolutions,
        };
    }

    // The settings choose the branches; the state is what a recording might have left behind.
    private static IEnumerable<RealExport> Voice()
    {
        yield return new("Silero VAD 4", "openwakeword/models/silero_vad.onnx", Binary)
        {
            Fix = new Dictionary<string, string> { ["sr"] = "16000", ["sequence"] = "1536", ["h"] = State(128), ["c"] = State(128) },
            Batch = 1,
            NodeRatio = Convolutions,
        };
        yield return new("Silero VAD 5", "silero/weights/silero_vad.onnx", Binary)
        {
            Fix = new Dictionary<string, string> { ["sr"] = "16000", ["input:1"] = "576", ["state"] = State(256) },
            Batch = 1,
            NodeRatio = Convolutions,
        };
        yield return new("Silero VAD 5 without If", "silero/weights/silero_vad_op18_ifless.onnx", Binary)
        {
            Fix = new Dictionary<string, string> { ["sr"] = "16000", ["input:1"] = "576", ["state"] = State(256) },
            Batch = 1,
            NodeRatio = Convolutions,
        };
    }

    private static string State(int count) =>
        string.Join(",", Enumerable.Range(0, count).Select(static place => FormattableString.Invariant($"{0.3 * Math.Sin(place)}")));

    private static IEnumerable<RealExport> Images()
    {
        foreach (string name in new[] { "resnet18", "mobilenet_v2", "densenet121" })
        {
            yield return new($"{name}, inference", $"torch/{name}_inference.onnx", Classes) { NodeRatio = Convolutions };
            yield return new($"{name}, training", $"torch/{name}_training.onnx", Classes)
            {
                BatchStatistics = true,
                NodeRatio = Convolutions,
                SingleTolerance = NearKinks,
            };
        }
    }

    private static IEnumerable<RealExport> Sequences()
    {
        foreach (string mode in new[] { "inference", "training" })
        {
            yield return new($"bert, {mode}", $"torch/bert_{mode}.onnx", Classes)
            {
                Shapes = new Dictionary<string, long[]> { ["input_ids"] = [16], ["attention_mask"] = [16], ["token_type_ids"] = [16] },
                Ranges = new Dictionary<string, (double, double)> { ["input_ids"] = (1, 1000), ["attention_mask"] = (0, 2), ["token_type_ids"] = (0, 2) },
                NodeRatio = Transformer,
            };
            foreach (string cell in new[] { "lstm", "gru" })
            {
                yield return new($"{cell}, {mode}", $"torch/{cell}_language_model_{mode}.onnx", Classes)
                {
                    Shapes = Tokens,
                    Ranges = Range("tokens", 1, 1000),
                    LearningRate = 1e-3,
                    NodeRatio = Recurrent,
                };
            }

            yield return new($"gpt, {mode}", $"torch/gpt_{mode}.onnx", Classes) { Shapes = Tokens, Ranges = Range("tokens", 1, 1000), NodeRatio = Transformer };
        }
    }

    private static Dictionary<string, long[]> Tokens => new() { ["tokens"] = [16], ["labels"] = [16] };

    private static Dictionary<string, long[]> Shape(string name, params long[] shape) => new() { [name] = shape };

    private static Dictionary<string, (double From, double To)> Range(string name, double from, double to) => new() { [name] = (from, to) };
}
