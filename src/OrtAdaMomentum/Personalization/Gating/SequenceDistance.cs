using System.Numerics.Tensors;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// How far a decoded sequence is from its target: the greedy path (the greatest class of each time step, repeats merged, blanks dropped; Graves
/// et al. 2006), and the edits between the two (Levenshtein 1966) divided by the length of the target, an empty one counting as 1 as in the
/// CTC loss.
/// </summary>
internal static class SequenceDistance
{
    /// <summary>The distance of one sample.</summary>
    /// <param name="output">Scores, a row of classes per time step.</param>
    /// <param name="classes">Classes of a row.</param>
    /// <param name="target">The target of the loss: perhaps the number of time steps, then classes, then negative numbers.</param>
    /// <param name="blank">The class that stands for no label.</param>
    /// <param name="hasLength">Whether the target begins with the number of time steps that count.</param>
    public static double Of(ReadOnlySpan<float> output, int classes, ReadOnlySpan<long> target, int blank, bool hasLength)
    {
        int steps = output.Length / classes;
        if (hasLength)
        {
            steps = (int)Math.Min(steps, target[0]);
            target = target[1..];
        }

        int length = target.IndexOfAnyInRange(long.MinValue, -1);
        if (length >= 0)
            target = target[..length];
        return (double)Edits(Decode(output, classes, steps, blank), target) / Math.Max(1, target.Length);
    }

    private static List<long> Decode(ReadOnlySpan<float> output, int classes, int steps, int blank)
    {
        var decoded = new List<long>();
        int before = blank;
        for (int step = 0; step < steps; step++)
        {
            int greatest = TensorPrimitives.IndexOfMax(output.Slice(step * classes, classes));
            if (greatest != before && greatest != blank)
                decoded.Add(greatest);
            before = greatest;
        }

        return decoded;
    }

    private static int Edits(List<long> decoded, ReadOnlySpan<long> target)
    {
        var row = new int[target.Length + 1];
        for (int place = 0; place < row.Length; place++)
            row[place] = place;
        for (int index = 0; index < decoded.Count; index++)
        {
            int diagonal = row[0];
            row[0] = index + 1;
            for (int place = 1; place < row.Length; place++)
            {
                int replaced = diagonal + (decoded[index] == target[place - 1] ? 0 : 1);
                diagonal = row[place];
                row[place] = Math.Min(replaced, 1 + Math.Min(row[place], row[place - 1]));
            }
        }

        return row[^1];
    }
}
