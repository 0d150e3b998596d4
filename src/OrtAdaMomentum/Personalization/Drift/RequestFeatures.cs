using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Personalization;

/// <summary>The few numbers of a request that drift is measured on.</summary>
internal static class RequestFeatures
{
    /// <summary>Features of a single sample's inputs and of the first output. Tensors of other types than float and double have none.</summary>
    public static IEnumerable<(string Name, double Value)> Of(
        IReadOnlyDictionary<string, SampleTensor> inputs, SampleTensor output, SampleSchema schema)
    {
        foreach (var (name, tensor) in inputs)
        {
            if (Moments(tensor) is not { } moments)
                continue;
            yield return ($"{name}.mean", moments.Mean);
            yield return ($"{name}.deviation", moments.Deviation);
        }

        foreach (var axis in schema.OpenAxes)
        {
            if (inputs.TryGetValue(axis.Tensor, out var tensor))
                yield return (axis.Place, tensor.Shape[axis.Axis]);
        }

        if (schema.TargetKind is TargetKind.ClassIndex or TargetKind.ClassSequence)
        {
            if (Confidence(output, schema.ClassAxis ?? -1) is { } confidence)
                yield return ("confidence", confidence);
        }
        else if (Moments(output) is { } moments)
        {
            yield return ("output.mean", moments.Mean);
        }
    }

    private static (double Mean, double Deviation)? Moments(SampleTensor tensor)
    {
        if (tensor.Bytes.IsEmpty)
            return null;
        if (tensor.ElementType == ElementType.Float)
        {
            var values = tensor.Values<float>();
            double mean = TensorPrimitives.Sum(values) / (double)values.Length;
            double squares = TensorPrimitives.SumOfSquares(values) / (double)values.Length;
            return (mean, Math.Sqrt(Math.Max(0, squares - (mean * mean))));
        }

        if (tensor.ElementType == ElementType.Double)
        {
            var values = tensor.Values<double>();
            double mean = TensorPrimitives.Sum(values) / values.Length;
            return (mean, Math.Sqrt(Math.Max(0, (TensorPrimitives.SumOfSquares(values) / values.Length) - (mean * mean))));
        }

        return null;
    }

    /// <summary>Mean over the positions of an output of the greatest class probability there.</summary>
    /// <param name="output">Logits or probabilities, without a batch axis.</param>
    /// <param name="classAxis">The axis of the classes; counted with the batch axis when it is not negative.</param>
    private static double? Confidence(SampleTensor output, int classAxis)
    {
        if (output.ElementType != ElementType.Float || output.Shape.Count == 0 || output.Bytes.IsEmpty)
            return null;
        int axis = classAxis < 0 ? output.Shape.Count + classAxis : classAxis - 1;
        if (axis < 0 || axis >= output.Shape.Count)
            return null;
        var values = MemoryMarshal.Cast<byte, float>(output.Bytes.Span);
        int classes = (int)output.Shape[axis], inner = 1;
        for (int later = axis + 1; later < output.Shape.Count; later++)
            inner *= (int)output.Shape[later];
        int positions = values.Length / classes;
        double sum = 0;
        float[] scores = new float[classes];
        for (int position = 0; position < positions; position++)
        {
            int start = (position / inner * inner * classes) + (position % inner);
            for (int index = 0; index < classes; index++)
                scores[index] = values[start + (index * inner)];
            sum += GreatestProbability(scores);
        }

        return sum / positions;
    }

    private static float GreatestProbability(ReadOnlySpan<float> scores)
    {
        const float rounding = 1e-3f;
        bool areProbabilities = TensorPrimitives.Min(scores) >= 0 && Math.Abs(TensorPrimitives.Sum(scores) - 1) < rounding;
        float greatest = TensorPrimitives.Max(scores);
        if (areProbabilities)
            return greatest;
        float sum = 0;
        foreach (float score in scores)
            sum += MathF.Exp(score - greatest);
        return 1 / sum;
    }
}
