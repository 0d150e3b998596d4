using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Training.OfficialApi;

/// <summary>The program over this library in docs/official-api.md.</summary>
internal static class ProgramAfter
{
    public static void Run(string folder)
    {
        using var session = FineTuningSession.Open(folder);
        using var batch = session.CreateBatch(32);
        session.RegisterLinearLRScheduler(10, 200, 1e-3);
        for (int step = 0; step < 200; step++)
        {
            NextBatch(batch.Tensor<float>("x"), batch.Tensor<long>("labels"));
            Report(session.TrainStep(batch));
            session.OptimizerStep();
            session.SchedulerStep();
        }

        session.AddProperty("samples", 6400L);
        session.SaveCheckpoint($"{folder}/trained.ckpt");
        session.ExportModelForInferencing($"{folder}/tuned.onnx", ["probabilities"]);
    }

    private static void NextBatch(Span<float> features, Span<long> labels) => Batches.Next(features, labels);

    private static void Report(float loss) => Assert.True(float.IsFinite(loss));
}
