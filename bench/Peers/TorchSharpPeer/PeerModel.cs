using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OrtAdaMomentum.Bench.Peers;

/// <summary>A model in three parts: what is frozen on a frozen backbone, what trains beside the last layer then, and the last layer.</summary>
internal sealed record PeerModel(Module<Tensor, Tensor> Backbone, Module<Tensor, Tensor> Middle, Module<Tensor, Tensor> Head, Tensor Input, Func<Tensor, Tensor> Loss)
{
    public static PeerModel Create(string name) => name switch
    {
        "mlp" => new(
            Sequential(Linear(784, 1024), ReLU()), Sequential(Linear(1024, 1024), ReLU()), Linear(1024, 10),
            rand(64, 784), Classes(10, 64)),
        "lenet" => new(
            Sequential(
                Conv2d(1, 6, 5, padding: 2), ReLU(), MaxPool2d(2), Conv2d(6, 16, 5), ReLU(), MaxPool2d(2), Flatten()),
            Sequential(Linear(400, 120), ReLU(), Linear(120, 84), ReLU()), Linear(84, 10),
            rand(64, 1, 28, 28), Classes(10, 64)),
        "resnet18" => new(
            Sequential(Activated(3, 64, 3, 1), Stage(64, 64, 1), Stage(64, 128, 2), Stage(128, 256, 2)),
            Sequential(Stage(256, 512, 2), AdaptiveAvgPool2d(1), Flatten()), Linear(512, 10),
            rand(16, 3, 32, 32), Classes(10, 16)),
        "mobilenetv2" => new(
            MobileBlocks(), Sequential(Conv2d(320, 1280, 1, bias: false), BatchNorm2d(1280), ReLU6(), AdaptiveAvgPool2d(1), Flatten()), Linear(1280, 10),
            rand(8, 3, 96, 96), Classes(10, 8)),
        "minilm" => new(
            Sequential(Enumerable.Range(0, 5).Select(static Module<Tensor, Tensor> (_) => new EncoderLayer())),
            Sequential(new EncoderLayer(), new FirstToken()), Linear(384, 2),
            rand(8, 128, 384), Classes(2, 8)),
        "lstm" => new(
            Sequential(Embedding(10_000, 400), new LstmLayer(400)), new LstmLayer(400), Linear(400, 10_000),
            randint(10_000, [20, 35], dtype: ScalarType.Int64), Classes(10_000, 20 * 35)),
        "wakeword" => new(
            Sequential(Flatten(), Linear(1536, 128), LayerNorm(128), ReLU()),
            Sequential(Linear(128, 128), LayerNorm(128), ReLU(), Linear(128, 128), LayerNorm(128), ReLU()), Linear(128, 1),
            rand(64, 16, 96), Probability(64)),
        _ => throw new ArgumentException($"There is no model '{name}'."),
    };

    private static Func<Tensor, Tensor> Classes(long classes, long rows)
    {
        var labels = randint(classes, [rows], dtype: ScalarType.Int64);
        return logits => functional.cross_entropy(logits.view(rows, classes), labels);
    }

    private static Func<Tensor, Tensor> Probability(long rows)
    {
        var labels = randint(2, [rows, 1], dtype: ScalarType.Float32);
        return logits => functional.binary_cross_entropy_with_logits(logits, labels);
    }

    private static Module<Tensor, Tensor> Activated(long channels, long filters, long kernel, long stride) =>
        Sequential(Conv2d(channels, filters, kernel, stride, kernel / 2, bias: false), BatchNorm2d(filters), ReLU());

    private static Module<Tensor, Tensor> Stage(long channels, long filters, long stride) =>
        Sequential(new ResidualBlock(channels, filters, stride), new ResidualBlock(filters, filters, 1));

    private static Module<Tensor, Tensor> MobileBlocks()
    {
        List<Module<Tensor, Tensor>> blocks = [Conv2d(3, 32, 3, 2, 1, bias: false), BatchNorm2d(32), ReLU6()];
        long channels = 32;
        foreach (var (expansion, filters, repeats, firstStride) in new[]
        {
            (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
        })
        {
            for (int repeat = 0; repeat < repeats; repeat++)
            {
                blocks.Add(new InvertedResidual(channels, filters, expansion, repeat == 0 ? firstStride : 1));
                channels = filters;
            }
        }

        return Sequential(blocks);
    }
}
