using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// How good an answer to a labelled sample is: the share of right answers where the target is about classes, and with a minus sign the mean magnitude of the
/// errors where it is about numbers and the edits per label where it is a sequence.
/// </summary>
internal static class AnswerScore
{
    /// <summary>The score; null where there is none for such targets or outputs.</summary>
    public static double? Of(SampleSchema schema, SampleTensor output, SampleTensor target)
    {
        if (output.ElementType != ElementType.Float || output.Bytes.IsEmpty)
            return null;
        var values = output.Values<float>();
        // A target that came later may be as long as no answer is, where the model leaves that open.
        int answers = schema.TargetKind == TargetKind.ClassIndex ? Layout(schema, output).Positions : values.Length;
        if (schema.TargetKind != TargetKind.ClassSequence && target.Bytes.Length / target.ElementType.SizeInBytes() != answers)
            return null;
        return schema.TargetKind switch
        {
            TargetKind.ClassIndex => Classes(Layout(schema, output), values, target.Values<long>(), schema.IgnoreIndex),
            TargetKind.ClassProbabilities when target.ElementType == ElementType.Float => SoftClasses(Layout(schema, output), values, target.Values<float>()),
            TargetKind.Probability when target.ElementType == ElementType.Float => Labels(values, target.Values<float>(), schema.FinalActivation),
            TargetKind.Value when target.ElementType == ElementType.Float => Values(values, target.Values<float>()),
            TargetKind.ClassSequence =>
                -SequenceDistance.Of(values, (int)output.Shape[^1], target.Values<long>(), (int)(schema.BlankIndex ?? 0), schema.HasInputLengths),
            _ => null,
        };
    }

    private static ClassLayout Layout(SampleSchema schema, SampleTensor output) => ClassLayout.Of(output.Shape, schema.ClassAxis ?? -1);

    private static double? Classes(ClassLayout layout, ReadOnlySpan<float> output, ReadOnlySpan<long> labels, long? ignored)
    {
        int right = 0, answers = 0;
        for (int position = 0; position < labels.Length; position++)
        {
            if (labels[position] == ignored)
                continue;
            answers++;
            right += layout.IndexOfGreatest(output, position) == labels[position] ? 1 : 0;
        }

        return answers == 0 ? null : (double)right / answers;
    }

    private static double SoftClasses(ClassLayout layout, ReadOnlySpan<float> output, ReadOnlySpan<float> target)
    {
        int right = 0;
        for (int position = 0; position < layout.Positions; position++)
            right += layout.IndexOfGreatest(output, position) == layout.IndexOfGreatest(target, position) ? 1 : 0;
        return (double)right / layout.Positions;
    }

    private static double Labels(ReadOnlySpan<float> output, ReadOnlySpan<float> target, FinalActivation activation)
    {
        float threshold = activation == FinalActivation.Sigmoid ? 0.5f : 0;
        int right = 0;
        for (int place = 0; place < output.Length; place++)
            right += output[place] > threshold == target[place] > 0.5f ? 1 : 0;
        return (double)right / output.Length;
    }

    private static double? Values(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
    {
        double sum = 0;
        for (int place = 0; place < output.Length; place++)
            sum += Math.Abs((double)output[place] - target[place]);
        return double.IsFinite(sum) ? -sum / output.Length : null;
    }
}
