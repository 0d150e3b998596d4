using System.CommandLine;
using System.Numerics.Tensors;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Tools.Output;
using OrtAdaMomentum.Tools.Reports;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary><c>gradients DIR --data F --out grads.npz</c>: loss and every gradient of one batch, to compare with another implementation.</summary>
internal static class GradientsCommand
{
    private const int DefaultBatch = 32;
    private const string LossArray = "loss";

    public static Command Create(ToolConsole console)
    {
        var directory = new Argument<string>("DIR") { Description = "Folder of training artifacts." };
        var checkpoint = CommonOptions.Text("--checkpoint", "CK", "Parameters to differentiate at. Default: those of the original model.");
        var batch = CommonOptions.WholeNumber("--batch", $"The first N samples are used; default {DefaultBatch}, or all if there are fewer.", 1);
        var file = CommonOptions.Text("--out", "FILE", "The .npz file to write.", required: true);
        var data = new DataOptions();
        var session = new SessionOptions();
        var command = new Command("gradients", "Write the loss and every gradient of one batch.") { directory, checkpoint, batch, file };
        data.AddTo(command);
        session.AddTo(command, computesGradients: true);
        command.SetAction(parsed =>
        {
            string folder = parsed.GetRequiredValue(directory), path = parsed.GetRequiredValue(file);
            OutputPath.CheckFile(file.Name, path, folder);
            var options = session.Apply(parsed, new FineTuningOptions());
            var artifacts = ArtifactsFolder.LoadToRun(folder, options.Backend);
            var samples = data.Open(parsed, artifacts.Manifest);
            int size = FixedBatch.Resolve(artifacts.Manifest, parsed.GetValue(batch), Math.Min(DefaultBatch, samples.Count));
            if (size > samples.Count)
                throw new DatasetException($"'{data.Path(parsed)}' has {samples.Count} samples, but a batch takes {size}.");
            using var opened = SessionOptions.Open(artifacts, options, parsed.GetValue(checkpoint));
            float loss = ToolException.Attribute(ExitCodes.Data, () => Run(opened, samples, size));
            Write(opened, loss, path);
            var report = new GradientsReport(
                folder, parsed.GetValue(checkpoint), data.Path(parsed), path, size, Units.Finite(loss), [.. opened.Gradients.Layout.Slots.Select(
                    slot => Describe(slot.Name, slot.Shape, opened.Gradients[slot]))]);
            console.Result(report, ReportJson.Readable.GradientsReport, human => Describe(human, report));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static float Run(FineTuningSession session, IDataset samples, int size)
    {
        using var batch = session.CreateBatch(size, samples);
        batch.Fill(samples, [.. Enumerable.Range(0, size)]);
        return session.TrainStep(batch);
    }

    private static void Write(FineTuningSession session, float loss, string path)
    {
        var arrays = session.Gradients.Layout.Slots.ToDictionary(
            static slot => ArtifactManifest.GradientName(slot.Name), slot => NpyArray.Create(session.Gradients[slot], [.. slot.Shape]));
        arrays.Add(LossArray, NpyArray.Create([loss]));
        NpzFile.Write(path, arrays);
    }

    private static GradientReport Describe(string name, IReadOnlyList<long> shape, ReadOnlySpan<float> gradient) => new(
        name, ArtifactManifest.GradientName(name), shape,
        Units.Finite(TensorPrimitives.Norm(gradient)),
        gradient.IsEmpty ? 0 : Units.Finite(Math.Abs(TensorPrimitives.MaxMagnitude(gradient))));

    private static void Describe(HumanReport human, GradientsReport report)
    {
        human.Facts(
            ("gradients", report.Out), ("samples", Units.Count(report.Batch)), ("loss", Units.Number(report.Loss ?? double.NaN)));
        human.Table(
            "Gradients",
            ["parameter", "shape", "norm", "largest"],
            report.Gradients.Select(static gradient => new[]
            {
                gradient.Parameter, $"[{string.Join(", ", gradient.Shape)}]",
                Units.Number(gradient.Norm ?? double.NaN), Units.Number(gradient.LargestMagnitude ?? double.NaN),
            }));
    }
}
