using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>Checks a sample against a schema, so that nothing is stored that would stop a run hours later.</summary>
internal static class SampleCheck
{
    private const double SumTolerance = 1e-3;

    /// <exception cref="InvalidSampleException">The sample does not fit.</exception>
    public static void Check(SampleSchema schema, Sample sample)
    {
        foreach (var column in schema.Inputs)
        {
            if (!sample.Inputs.TryGetValue(column.Name, out var tensor))
                throw new InvalidSampleException($"The sample has no input '{column.Name}'. The model's inputs: {Names(schema)}.");
            CheckType(schema, tensor, column, "Input");
            CheckFinite(tensor, column, "Input");
        }

        foreach (string name in sample.Inputs.Keys)
        {
            if (!schema.Inputs.Any(column => column.Name == name))
                throw new InvalidSampleException($"The model has no input '{name}'. The model's inputs: {Names(schema)}.");
        }

        if (sample.IsLabelled)
            CheckTarget(schema, sample.Target);
        if (schema.OpenAxes.Count == 0)
            return;
        ExtentCheck.CheckNames(schema.OpenAxes, name => name == schema.Target.Name ? sample.Target?.Shape : sample.Inputs[name].Shape, batchAxes: 0);
        schema.Trial?.Invoke(sample.Inputs);
    }

    /// <exception cref="InvalidSampleException">The target does not fit.</exception>
    public static void CheckTarget(SampleSchema schema, SampleTensor target)
    {
        CheckType(schema, target, schema.Target, "Target");
        CheckFinite(target, schema.Target, "Target");
        CheckRange(schema, target);
    }

    private static void CheckType(SampleSchema schema, SampleTensor tensor, DatasetColumn column, string what)
    {
        bool fits = tensor.ElementType == column.ElementType && tensor.Shape.Count == column.SampleShape.Count;
        for (int axis = 0; fits && axis < tensor.Shape.Count; axis++)
            fits = column.SampleShape[axis] == DatasetColumn.OpenExtent || column.SampleShape[axis] == tensor.Shape[axis];
        if (!fits)
            throw new InvalidSampleException($"{what} '{column.Name}' is {tensor}, but the model takes {schema.Describe(column)} per sample.");
        ExtentCheck.CheckBounds(schema.OpenAxes, column.Name, tensor.Shape, batchAxes: 0, what);
    }

    private static void CheckFinite(SampleTensor tensor, DatasetColumn column, string what)
    {
        int place = tensor.ElementType switch
        {
            ElementType.Float => tensor.Values<float>().IndexOfNonFinite(),
            ElementType.Double => tensor.Values<double>().IndexOfNonFinite(),
            ElementType.Float16 => tensor.Values<Half>().IndexOfNonFinite(),
            _ => -1,
        };
        if (place >= 0)
            throw new InvalidSampleException($"{what} '{column.Name}' is NaN or infinite at element {place}.");
    }

    private static void CheckRange(SampleSchema schema, SampleTensor target)
    {
        switch (schema.TargetKind)
        {
            case TargetKind.ClassIndex when target.ElementType == ElementType.Int64:
                foreach (long label in target.Values<long>())
                {
                    bool known = label >= 0 && (schema.ClassCount is not { } count || label < count);
                    if (!known && label != schema.IgnoreIndex)
                        throw new InvalidSampleException($"Label {label} is out of range: the model has classes 0 to {schema.ClassCount - 1}.");
                }

                break;
            case TargetKind.ClassSequence:
                if (SequenceTargets.Problem(target.Values<long>(), schema.ClassCount, schema.BlankIndex, schema.HasInputLengths) is { } problem)
                    throw new InvalidSampleException($"Target '{schema.Target.Name}' is no sequence of classes: {problem}.");
                break;
            case TargetKind.Probability when target.ElementType == ElementType.Float:
                foreach (float value in target.Values<float>())
                {
                    if (value is not (>= 0 and <= 1))
                        throw new InvalidSampleException($"Target '{schema.Target.Name}' must be between 0 and 1, was {value}.");
                }

                break;
            case TargetKind.ClassProbabilities when target.ElementType == ElementType.Float:
                CheckProbabilities(schema, target);
                break;
            default:
                break;
        }
    }

    private static void CheckProbabilities(SampleSchema schema, SampleTensor target)
    {
        var values = target.Values<float>();
        foreach (float value in values)
        {
            if (value < 0)
                throw new InvalidSampleException($"Class weights in target '{schema.Target.Name}' must not be negative, one was {value}.");
        }

        // The class axis counts from the end, so that it is the same with and without the batch axis.
        int axis = target.Shape.Count + (schema.ClassAxis ?? -1);
        if (axis < 0 || axis >= target.Shape.Count)
            return;
        int classes = (int)target.Shape[axis];
        int stride = (int)target.Shape.Skip(axis + 1).Aggregate(1L, static (product, extent) => product * extent);
        for (int start = 0; start < values.Length; start += classes * stride)
        {
            for (int offset = 0; offset < stride; offset++)
            {
                double sum = 0;
                for (int index = 0; index < classes; index++)
                    sum += values[start + offset + index * stride];
                if (Math.Abs(sum - 1) > SumTolerance)
                    throw new InvalidSampleException($"Class weights in target '{schema.Target.Name}' must sum to 1, their sum was {sum:G6}.");
            }
        }
    }

    private static string Names(SampleSchema schema) => string.Join(", ", schema.Inputs.Select(static column => column.Name));

    private static int IndexOfNonFinite<T>(this ReadOnlySpan<T> values)
        where T : System.Numerics.INumberBase<T>
    {
        for (int index = 0; index < values.Length; index++)
        {
            if (!T.IsFinite(values[index]))
                return index;
        }

        return -1;
    }
}
