using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Normalization;

/// <summary>Drops the training algorithm that a file may carry: training here is built anew, and no runtime runs the old one.</summary>
internal static class TrainingInfoRemoval
{
    public static void Apply(ModelProto model, NormalizationReport report)
    {
        if (model.TrainingInfo.Count == 0)
            return;
        model.TrainingInfo.Clear();
        report.Note("The training information stored in the file was dropped.");
    }
}
