using System.Numerics.Tensors;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Training;

/// <summary>Refuses batches that would spoil training: numbers that are not finite, targets out of their range.</summary>
internal static class BatchValidation
{
    public static void Check(TrainingBatch batch)
    {
        foreach (var tensor in batch.Inputs)
            CheckFinite(tensor);
        CheckTarget(batch.Target, batch.Manifest);
    }

    private static void CheckFinite(NativeTensor tensor)
    {
        if (tensor.ElementType == ElementType.Float)
            CheckFinite<float>(tensor);
        else if (tensor.ElementType == ElementType.Double)
            CheckFinite<double>(tensor);
    }

    private static void CheckFinite<T>(NativeTensor tensor)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        var values = tensor.As<T>();
        if (TensorPrimitives.IsFiniteAll<T>(values))
            return;
        int index = 0;
        while (T.IsFinite(values[index]))
            index++;
        throw new FineTuningException(
            $"'{tensor.Name}' holds {values[index]} in sample {SampleOf(tensor, index)} (element {index} of the batch). Inputs must be finite numbers; leave such samples out.");
    }

    private static void CheckTarget(NativeTensor target, ArtifactManifest manifest)
    {
        CheckFinite(target);
        switch (manifest.TargetKind)
        {
            case TargetKind.ClassIndex when manifest.ClassCount is { } classes:
                CheckClasses(target, classes, manifest.IgnoreIndex);
                break;
            case TargetKind.ClassSequence:
                SequenceTargets.Check(target, manifest);
                break;
            case TargetKind.Probability or TargetKind.ClassProbabilities when target.ElementType == ElementType.Float:
                CheckProbabilities(target);
                break;
        }
    }

    private static void CheckClasses(NativeTensor target, long classes, long? ignored)
    {
        var labels = target.As<long>();
        for (int index = 0; index < labels.Length; index++)
        {
            if ((ulong)labels[index] >= (ulong)classes && labels[index] != ignored)
            {
                throw new FineTuningException(
                    $"'{target.Name}' holds class {labels[index]} in sample {SampleOf(target, index)}, but the model has {classes} classes (0 to {classes - 1}).");
            }
        }
    }

    private static void CheckProbabilities(NativeTensor target)
    {
        var values = target.As<float>();
        if (values.IsEmpty || (TensorPrimitives.Min<float>(values) >= 0 && TensorPrimitives.Max<float>(values) <= 1))
            return;
        int index = 0;
        while (values[index] is >= 0 and <= 1)
            index++;
        throw new FineTuningException(
            $"'{target.Name}' holds {values[index]} in sample {SampleOf(target, index)}; probabilities lie between 0 and 1.");
    }

    private static int SampleOf(NativeTensor tensor, int index)
    {
        long perSample = tensor.Shape.Skip(1).Aggregate(1L, static (product, extent) => product * extent);
        return (int)(index / perSample);
    }
}
