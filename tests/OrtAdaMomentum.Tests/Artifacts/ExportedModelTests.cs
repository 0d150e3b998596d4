using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Artifacts;

/// <summary>Genuine exports of PyTorch, from opset 8 to 17: artifacts are generated, gradients compared, steps taken, the model exported.</summary>
public sealed class ExportedModelTests
{
    private static readonly Dictionary<string, (string File, Loss Loss)> Models = new()
    {
        ["perceptron ending in LogSoftmax"] = ("mlp.onnx", new CrossEntropyLoss()),
        ["perceptron with soft labels"] = ("mlp.onnx", new CrossEntropyLoss { SoftLabels = true, LabelSmoothing = 0.1 }),
        ["initializers listed as inputs"] = ("ir3.onnx", new CrossEntropyLoss()),
        ["convolutions with live batch normalization"] = ("cnn_bn_train.onnx", new CrossEntropyLoss { LabelSmoothing = 0.1 }),
        ["batch normalization of opset 13"] = ("cnn_bn_train_opset13.onnx", new CrossEntropyLoss()),
        ["transformer block of batch 1"] = ("transformer_block.onnx", new CrossEntropyLoss()),
        ["embedding ending in Sigmoid"] = ("embedding_text.onnx", new BinaryCrossEntropyLoss()),
        ["regression, squared error"] = ("regression.onnx", new MeanSquaredErrorLoss()),
        ["regression, Huber"] = ("regression.onnx", new HuberLoss { Delta = 0.3 }),
        ["depthwise convolutions"] = ("depthwise.onnx", new CrossEntropyLoss { ClassWeights = [1, 2, 0.5f, 1] }),
        ["transposed convolutions"] = ("convtranspose_autoencoder.onnx", new BinaryCrossEntropyLoss()),
        ["weights used twice"] = ("shared_weights.onnx", new MeanSquaredErrorLoss()),
        ["digits"] = ("digits-base.onnx", new CrossEntropyLoss()),
    };

    private static readonly double[] StepLengths = [0.05, 0.02, 0.01, 0.005];

    public static TheoryData<string> Names => [.. Models.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_equal_central_differences_of_the_runtimes_own_loss(string name)
    {
        using var fixture = new Fixture(Models[name].File, Models[name].Loss, batchSize: 6, new FineTuningOptions());
        fixture.Session.TrainStep(fixture.Batch);
        float[] gradient = new float[fixture.Session.Gradients.Layout.ElementCount];
        fixture.Session.Gradients.CopyToPacked(gradient);
        float[] start = fixture.Session.ToBuffer();

        // Along random halves of the gradient: every parameter counts, the loss changes far above its float rounding, and the step stays
        // so short that hardly a kink of Relu or MaxPool is crossed.
        for (int trial = 0; trial < 4; trial++)
        {
            float[] choice = OrtRun.Random(start.Length, 50 + trial);
            float[] half = [.. gradient.Zip(choice, (value, chosen) => chosen > 0 ? value : 0)];
            double norm = Math.Sqrt(half.Sum(value => (double)value * value));
            float[] direction = [.. half.Select(value => (float)(value / norm))];
            double analytic = gradient.Zip(direction, (value, along) => (double)value * along).Sum();
            // Kinks spoil long steps and rounding short ones; where the best lies depends on the model.
            double[] numeric = [.. StepLengths.Select(length => Slope(fixture, start, direction, Math.Min(2e-3 / norm, length)))];
            Assert.True(
                numeric.Any(value => Math.Abs(analytic - value) <= 2e-3 * Math.Abs(value)),
                $"{name}: analytic {analytic}, numeric {string.Join(", ", numeric)}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Twenty_steps_make_the_loss_smaller_and_the_export_gives_the_trained_outputs(string name)
    {
        using var fixture = new Fixture(Models[name].File, Models[name].Loss, batchSize: 6, new FineTuningOptions { LearningRate = 1e-3 });
        float first = fixture.Session.EvalStep(fixture.Batch).Loss;
        for (int step = 0; step < 20; step++)
        {
            fixture.Session.TrainStep(fixture.Batch);
            Assert.True(fixture.Session.OptimizerStep().Applied);
        }

        var outcome = fixture.Session.EvalStep(fixture.Batch);
        Assert.True(outcome.Loss < first, $"{name}: loss went from {first} to {outcome.Loss}");

        // The original may take one sample at a time only; the first sample then stands for the batch.
        var exported = fixture.Session.ExportModel();
        int samples = exported.Inputs[0].Type.Shape![0].Is(1) ? 1 : fixture.Batch.Size;
        var feeds = fixture.Session.Manifest.Inputs.Select(input => fixture.Feed(input, samples)).ToArray();
        string output = fixture.Session.Manifest.Outputs[0].Name;
        float[] served = OrtRun.Run(exported.ToBytes(), feeds)[output].Floats;
        var trained = outcome.Output()[..served.Length];
        for (int index = 0; index < served.Length; index++)
            Assert.Equal(trained[index], served[index], 2e-5f);
    }

    [Fact]
    public void Live_batch_normalization_trains_with_batch_statistics_and_its_running_statistics_follow()
    {
        using var fixture = new Fixture("cnn_bn_train.onnx", new CrossEntropyLoss(), 16, new FineTuningOptions(), BatchNormalizationMode.Training);
        Assert.NotEmpty(fixture.Session.Manifest.States);
        var before = Statistics(fixture.Session.ExportModel());

        for (int step = 0; step < 10; step++)
        {
            fixture.Session.TrainStep(fixture.Batch);
            fixture.Session.OptimizerStep();
        }

        foreach (var (name, values) in Statistics(fixture.Session.ExportModel()))
            Assert.NotEqual(before[name], values);

        Dictionary<string, float[]> Statistics(OnnxModel model) => model.Proto.Graph.Initializer
            .Where(tensor => fixture.Session.Manifest.States.Any(state => state.Name == tensor.Name))
            .ToDictionary(tensor => tensor.Name, tensor => TensorData.ToFloats(tensor));
    }

    [Fact]
    public void A_tree_ensemble_is_refused_before_anything_is_generated()
    {
        var error = Assert.Throws<OnnxModelException>(() => ArtifactGenerator.Generate(OnnxModel.Load(TestFiles.Model("tree.onnx"))));
        Assert.Contains("tree", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static double Slope(Fixture fixture, float[] start, float[] direction, double length) =>
        (8 * (fixture.LossAt(start, direction, length) - fixture.LossAt(start, direction, -length))
            - (fixture.LossAt(start, direction, 2 * length) - fixture.LossAt(start, direction, -2 * length))) / (12 * length);

    private sealed class Fixture : IDisposable
    {
        public Fixture(
            string file, Loss loss, int batchSize, FineTuningOptions options, BatchNormalizationMode mode = BatchNormalizationMode.Frozen)
        {
            var artifacts = ArtifactGenerator.Generate(
                OnnxModel.Load(TestFiles.Model(file)), new ArtifactOptions { Loss = loss, BatchNormalization = mode });
            Session = new FineTuningSession(artifacts, options);
            Batch = Session.CreateBatch(batchSize);
            int seed = 1;
            foreach (var input in artifacts.Manifest.Inputs)
                Fill(input.Name, input.ElementType, seed++);
            FillTarget(artifacts.Manifest);
        }

        public FineTuningSession Session { get; }

        public TrainingBatch Batch { get; }

        public double LossAt(float[] start, float[] direction, double length)
        {
            var moved = new float[start.Length];
            for (int index = 0; index < start.Length; index++)
                moved[index] = (float)(start[index] + length * direction[index]);
            Session.FromBuffer(moved);
            return Session.EvalStep(Batch).Loss;
        }

        public (string, Array, long[]) Feed(TensorInfo input, int samples)
        {
            long[] shape = [samples, .. Batch.ShapeOf(input.Name).Skip(1)];
            int count = (int)shape.Aggregate(1L, (product, extent) => product * extent);
            return input.ElementType == ElementType.Int64
                ? (input.Name, Batch.Tensor<long>(input.Name)[..count].ToArray(), shape)
                : (input.Name, Batch.Tensor<float>(input.Name)[..count].ToArray(), shape);
        }

        public void Dispose()
        {
            Batch.Dispose();
            Session.Dispose();
        }

        private void Fill(string name, ElementType type, int seed)
        {
            var random = new Random(seed);
            if (type == ElementType.Int64)
            {
                foreach (ref long value in Batch.Tensor<long>(name))
                    value = random.Next(50);
            }
            else
            {
                foreach (ref float value in Batch.Tensor<float>(name))
                    value = random.NextSingle();
            }
        }

        private void FillTarget(ArtifactManifest manifest)
        {
            var random = new Random(77);
            if (manifest.TargetKind == TargetKind.ClassIndex)
            {
                foreach (ref long value in Batch.Tensor<long>(manifest.Target.Name))
                    value = random.NextInt64(manifest.ClassCount!.Value);
                return;
            }

            var target = Batch.Tensor<float>(manifest.Target.Name);
            foreach (ref float value in target)
                value = random.NextSingle();
            if (manifest.TargetKind != TargetKind.ClassProbabilities)
                return;
            int classes = (int)manifest.ClassCount!.Value;
            for (int start = 0; start < target.Length; start += classes)
            {
                var sample = target.Slice(start, classes);
                float sum = System.Numerics.Tensors.TensorPrimitives.Sum<float>(sample);
                System.Numerics.Tensors.TensorPrimitives.Divide(sample, sum, sample);
            }
        }
    }
}
