using Microsoft.ML.OnnxRuntime;

namespace OrtAdaMomentum.Tests.Training.OfficialApi;

/// <summary>The program over the official API in docs/official-api.md. It compiles with every package of ONNX Runtime and runs with one.</summary>
internal static class ProgramBefore
{
    private static readonly float[] features = new float[32 * TinyTask.Features];

    private static readonly long[] labels = new long[32];

    public static void Run(string folder)
    {
        using var state = CheckpointState.LoadCheckpoint($"{folder}/checkpoint");
        using var session = new TrainingSession(
            state, $"{folder}/training_model.onnx", $"{folder}/eval_model.onnx", $"{folder}/optimizer_model.onnx");
        session.RegisterLinearLRScheduler(10, 200, 1e-3f);
        for (int step = 0; step < 200; step++)
        {
            NextBatch(features, labels);
            using var x = OrtValue.CreateTensorValueFromMemory(features, [32, 4]);
            using var y = OrtValue.CreateTensorValueFromMemory(labels, [32]);
            using var outputs = session.TrainStep([x, y]);
            Report(outputs[0].GetTensorDataAsSpan<float>()[0]);
            session.OptimizerStep();
            session.SchedulerStep();
            session.LazyResetGrad();
        }

        state.AddProperty("samples", 6400L);
        CheckpointState.SaveCheckpoint(state, $"{folder}/trained.ckpt", includeOptimizerState: true);
        session.ExportModelForInferencing($"{folder}/tuned.onnx", ["probabilities"]);
    }

    private static void NextBatch(float[] features, long[] labels) => Batches.Next(features, labels);

    private static void Report(float loss) => Assert.True(float.IsFinite(loss));
}
