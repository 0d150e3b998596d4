using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>A model of fused operators trains as the same model in ordinary ones does.</summary>
public class FusedTransformerTests
{
    private const int Samples = 3;

    // Named one by one: the mask of the plain model is a constant that has the looks of a parameter.
    private static readonly TrainableSelection Parameters =
        TrainableSelection.Matching("words", "positions", "*.scale", "*.shift", "*.out", "*.out_bias", "*.up*", "*.down*", "*.qkv*", "*_weight");

    [Fact]
    public void The_fused_model_trains_as_the_plain_one_does()
    {
        using var fused = Session(fused: true);
        using var plain = Session(fused: false);
        Assert.Equal(Names(plain), Names(fused));
        using var batch = Batch(fused);
        using var same = Batch(plain);
        var losses = new List<float>();
        for (int step = 0; step < 5; step++)
        {
            losses.Add(fused.TrainStep(batch));
            Assert.Equal(losses[^1], plain.TrainStep(same), 1e-5f);
            foreach (var slot in fused.Gradients.Layout.Slots)
            {
                double[] expected = Numbers(plain.Gradients[plain.Gradients.Layout[slot.Name]]);
                GradientCheck.AssertClose(expected, Numbers(fused.Gradients[slot]), 1e-4, $"{slot.Name}, step {step}");
            }

            fused.OptimizerStep();
            plain.OptimizerStep();
            fused.LazyResetGrad();
            plain.LazyResetGrad();
        }

        Assert.True(losses[^1] < losses[0], $"the loss went from {losses[0]} to {losses[^1]}");
    }

    [Fact]
    public void Fused_operators_below_the_first_trained_node_stay()
    {
        var options = new ArtifactOptions { Trainable = TrainableSelection.Matching("second.up*", "second.down*", "second.end*") };
        var artifacts = ArtifactGenerator.Generate(SmallTransformer.Build(fused: true), options);
        var fused = ModelProto.Parser.ParseFrom(artifacts.TrainingModel.Span).Graph.Node
            .Where(static node => node.Domain == OnnxDomains.Microsoft).Select(static node => node.OpType).Distinct();
        Assert.Equal(
            ["EmbedLayerNormalization", "Attention", "SkipLayerNormalization", "BiasGelu", "MultiHeadAttention"], fused);
    }

    private static FineTuningSession Session(bool fused) => new(
        ArtifactGenerator.Generate(SmallTransformer.Build(fused), new ArtifactOptions { Trainable = Parameters }),
        new FineTuningOptions { Optimizer = "sgd", LearningRate = 0.05 });

    private static IEnumerable<string> Names(FineTuningSession session) => session.Gradients.Layout.Slots.Select(static slot => slot.Name).Order();

    private static double[] Numbers(Span<float> values) => Array.ConvertAll(values.ToArray(), static value => (double)value);

    private static TrainingBatch Batch(FineTuningSession session)
    {
        var batch = session.CreateBatch(Samples);
        for (int place = 0; place < Samples * SmallTransformer.Length; place++)
        {
            batch.Tensor<int>("ids")[place] = place * 5 % SmallTransformer.Words;
            batch.Tensor<long>("labels")[place] = (place * 5 + 2) % SmallTransformer.Words;
        }

        return batch;
    }
}
