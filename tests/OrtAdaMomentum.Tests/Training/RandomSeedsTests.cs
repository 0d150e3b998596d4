using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Training;

public sealed class RandomSeedsTests
{
    private const int Count = 64;

    private static readonly int[] FirstEight = [0, 1, 2, 3, 4, 5, 6, 7];

    public static TheoryData<string> Operators => ["Dropout", "RandomNormalLike", "RandomUniformLike", "Bernoulli"];

    [Theory]
    [MemberData(nameof(Operators))]
    public void Sessions_of_the_same_seed_draw_the_same_and_of_others_other_numbers(string opType)
    {
        byte[] model = Noise(opType);

        float[] first = Draw(RandomSeeds.Apply(model, 5)), again = Draw(RandomSeeds.Apply(model, 5)), other = Draw(RandomSeeds.Apply(model, 6));

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        // Two nodes of the model draw their own numbers.
        Assert.NotEqual(first[..Count], first[Count..]);
    }

    [Fact]
    public void A_seed_of_the_model_stays_and_none_is_made_up()
    {
        byte[] model = Noise("RandomNormalLike", ("seed", 3f));

        Assert.Equal(Draw(model), Draw(RandomSeeds.Apply(model, 5)));
        Assert.True(RandomSeeds.Apply(model, null).Equals(new ReadOnlyMemory<byte>(model)));
    }

    [Fact]
    public void A_session_with_a_seed_is_repeated_by_another()
    {
        var model = new OnnxModel(
            new ModelBuilder()
                .Input("x", new TensorType(ElementType.Float, [Dimension.Named("batch"), TinyTask.Features]))
                .Initializer("weight", OrtRun.Random(TinyTask.Features * TinyTask.Classes, 1), TinyTask.Features, TinyTask.Classes)
                .Node("RandomNormalLike", ["x"], ["noise"])
                .Node("Add", ["x", "noise"], ["noisy"])
                .Node("MatMul", ["noisy", "weight"], ["logits"])
                .Output("logits", new TensorType(ElementType.Float, [Dimension.Named("batch"), TinyTask.Classes])).Build(),
            "noisy.onnx");
        var artifacts = ArtifactGenerator.Generate(model);

        float[] first = Losses(artifacts, 1), again = Losses(artifacts, 1), other = Losses(artifacts, 2);

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.Equal(first.Length, first.Distinct().Count());
    }

    private static float[] Losses(TrainingArtifacts artifacts, long seed)
    {
        using var session = new FineTuningSession(artifacts, new FineTuningOptions { Seed = seed, LearningRate = 0 });
        using var batch = session.CreateBatch(8);
        batch.Fill(TinyTask.Data(8), FirstEight);
        return [session.TrainStep(batch), session.TrainStep(batch), session.TrainStep(batch)];
    }

    private static byte[] Noise(string opType, params (string Name, object Value)[] attributes)
    {
        var model = new ModelBuilder().Input("x", ElementType.Float, Count).Initializer("half", new[] { 0.5f }).Initializer("yes", new[] { true });
        string[] inputs = opType == "Dropout" ? ["x", "half", "yes"] : ["x"];
        return model.Node(opType, inputs, ["first"], attributes).Node(opType, inputs, ["second"], attributes)
            .Output("first", TensorType.Of(ElementType.Float, Count)).Output("second", TensorType.Of(ElementType.Float, Count)).Build().ToByteArray();
    }

    private static float[] Draw(ReadOnlyMemory<byte> model)
    {
        using var session = new InferenceSession(model.ToArray());
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(0.5f, Count).ToArray(), [Count]);
        using var outputs = session.Run(options, ["x"], [input], ["first", "second"]);
        return [.. outputs.SelectMany(static output => output.GetTensorDataAsSpan<float>().ToArray())];
    }
}
