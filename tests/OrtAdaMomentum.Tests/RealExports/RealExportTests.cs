using System.Diagnostics;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;
using static System.FormattableString;

namespace OrtAdaMomentum.Tests.RealExports;

/// <summary>Models as people publish and export them: artifacts, 20 steps, gradients against slopes, and back to inference.</summary>
[Trait("Category", "real-exports")]
public sealed class RealExportTests
{
    private const int Steps = 20;

    public static TheoryData<string> Names => [.. RealExportTable.All.Keys.Where(ExportsCache.IsWanted)];

    [Theory(Skip = ExportsCache.Missing, SkipType = typeof(ExportsCache), SkipUnless = nameof(ExportsCache.IsThere))]
    [MemberData(nameof(Names))]
    public void It_trains_with_the_gradient_that_its_loss_has_and_serves_what_was_trained(string name)
    {
        var export = RealExportTable.All[name];
        var memory = new PeakMemory();
        var clock = Stopwatch.StartNew();
        var artifacts = ArtifactGenerator.Generate(OnnxModel.Load(ExportsCache.PathOf(export.File)), export.Options);
        double generation = clock.Elapsed.TotalSeconds;
        double generationPeak = memory.PeakMebibytes();

        memory = new PeakMemory();
        using var session = new FineTuningSession(artifacts, new FineTuningOptions { LearningRate = export.LearningRate });
        var data = RealExportData.Create(export, artifacts.Manifest);
        using var batch = session.CreateBatch(export.Batch, data);
        batch.Fill(data, [.. Enumerable.Range(0, export.Batch)]);
        float[] start = session.ToBuffer();
        float first = session.TrainStep(batch);
        session.OptimizerStep();
        clock.Restart();
        for (int step = 1; step < Steps; step++)
        {
            session.TrainStep(batch);
            Assert.True(session.OptimizerStep().Applied, "a step was skipped");
        }

        double perStep = clock.Elapsed.TotalSeconds / (Steps - 1);
        double peak = memory.PeakMebibytes();
        float last = session.TrainStep(batch);
        AssertServes(export, session, batch);

        // At the start, where no gradient is so small yet that it is made of rounding.
        session.LazyResetGrad();
        session.FromBuffer(start);
        session.TrainStep(batch);
        using var loss = new LossInDouble(artifacts, session, batch);
        double exact = loss.Here;
        var gradients = loss.Gradients();
        var (elements, kinks) = GradientElements.Compare(session.Parameters.Layout, gradients, loss, export.Tolerance);
        var rounding = GradientElements.Rounding(session.Gradients, gradients);
        double ratio = (double)artifacts.Manifest.TrainingNodes / artifacts.Manifest.ForwardNodes;
        ExportsCache.Report(Invariant(
            $"| {name} | {artifacts.Manifest.ForwardNodes} | {artifacts.Manifest.TrainingNodes} | {ratio:F2} | {generation:F2} | {generationPeak:F0} | {perStep:F3} | {peak:F0} | {first:G4} to {last:G4} | {elements[0].Error:E1} | {kinks} | {rounding.Error:E1} |"));

        Assert.True(last < first, $"the loss went from {first} to {last}");
        Assert.True(Math.Abs(first - exact) <= 1e-4 * Math.Abs(exact), $"the loss is {first}, in double {exact}");
        Assert.True(elements.Count == GradientElements.Count, $"{kinks} elements lie at kinks");
        Assert.True(elements[0].Error <= export.Tolerance, $"the gradient differs from the slope: {elements[0].Where}");
        Assert.True(
            rounding.Error <= export.SingleTolerance, $"the gradient of {rounding.Where} in single precision is off by {rounding.Error}");
        Assert.True(ratio <= export.NodeRatio, $"{artifacts.Manifest.TrainingNodes} nodes train {artifacts.Manifest.ForwardNodes}");
    }

    private static void AssertServes(RealExport export, FineTuningSession session, TrainingBatch batch)
    {
        var exported = session.ExportModel();
        var evaluated = session.EvalStep(batch);
        // The original may take one sample at a time only; the first sample then stands for the batch.
        int samples = exported.Inputs[0].Type.Shape![0].Is(1) ? 1 : batch.Size;
        var fixedInputs = exported.Inputs.Where(input => export.Fix.ContainsKey(input.Name)).Select(input => Fixed(input, export.Fix[input.Name]));
        var feeds = session.Manifest.Inputs.Select(input => Feed(input, batch, samples)).Concat(fixedInputs).ToArray();
        var served = OrtRun.Run(exported.ToBytes(), feeds);
        var comparable = session.Manifest.Outputs.Where(
            output => output.ElementType == ElementType.Float && evaluated.HasOutput(output.Name) && !export.Stepwise.Contains(output.Name));
        foreach (var output in comparable)
        {
            float[] values = served[output.Name].Floats;
            var trained = evaluated.Output(output.Name)[..values.Length].ToArray();
            double largest = trained.Max(Math.Abs);
            double difference = values.Zip(trained, static (left, right) => (double)Math.Abs(left - right)).Max();
            Assert.True(difference <= 1e-4 * largest, $"output {output.Name} differs by {difference} of {largest}");
        }
    }

    /// <summary>The model as it was given still takes what was fixed for training; a free axis is that of the batch of one.</summary>
    private static (string, Array, long[]) Fixed(OnnxValue input, string text)
    {
        double[] numbers = [.. text.Split(',').Select(static number => double.Parse(number, System.Globalization.CultureInfo.InvariantCulture))];
        long[] shape = [.. input.Type.Shape!.Select(static axis => axis.IsStatic ? axis.Extent : 1)];
        return input.Type.ElementType == ElementType.Int64
            ? (input.Name, Array.ConvertAll(numbers, static number => (long)number), shape)
            : (input.Name, Array.ConvertAll(numbers, static number => (float)number), shape);
    }

    private static (string, Array, long[]) Feed(TensorInfo input, TrainingBatch batch, int samples)
    {
        long[] shape = [samples, .. batch.ShapeOf(input.Name).Skip(1)];
        int count = (int)shape.Aggregate(1L, static (product, extent) => product * extent);
        return input.ElementType == ElementType.Int64
            ? (input.Name, batch.Tensor<long>(input.Name)[..count].ToArray(), shape)
            : (input.Name, batch.Tensor<float>(input.Name)[..count].ToArray(), shape);
    }
}
