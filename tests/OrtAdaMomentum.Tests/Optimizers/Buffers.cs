using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.Optimizers;

/// <summary>Makes layouts and buffers for the tests of this folder.</summary>
internal static class Buffers
{
    public static BufferLayout Layout(params ReadOnlySpan<int> lengths)
    {
        List<(string, IReadOnlyList<long>)> tensors = [];
        for (int i = 0; i < lengths.Length; i++)
            tensors.Add(($"tensor{i}", [lengths[i]]));
        return BufferLayout.Create(tensors);
    }

    public static FlatBuffer Of(BufferLayout layout, params ReadOnlySpan<float> packed)
    {
        FlatBuffer buffer = new(layout);
        buffer.CopyFromPacked(packed);
        return buffer;
    }

    public static FlatBuffer Random(BufferLayout layout, int seed, float scale = 1)
    {
        FlatBuffer buffer = new(layout);
        Randomize(buffer, new Random(seed), scale);
        return buffer;
    }

    public static void Randomize(FlatBuffer buffer, Random random, float scale = 1)
    {
        foreach (BufferSlot slot in buffer.Layout.Slots)
        {
            foreach (ref float value in buffer[slot])
                value = ((2 * random.NextSingle()) - 1) * scale;
        }
    }

    public static float[] Packed(FlatBuffer buffer)
    {
        float[] packed = new float[buffer.Layout.ElementCount];
        buffer.CopyToPacked(packed);
        return packed;
    }

    public static int[] Bits(FlatBuffer buffer) => Array.ConvertAll(buffer.Span.ToArray(), BitConverter.SingleToInt32Bits);

    public static bool PaddingIsZero(FlatBuffer buffer)
    {
        bool[] used = new bool[buffer.Layout.Length];
        foreach (BufferSlot slot in buffer.Layout.Slots)
            used.AsSpan(slot.Offset, slot.Length).Fill(true);
        for (int i = 0; i < used.Length; i++)
        {
            if (!used[i] && BitConverter.SingleToInt32Bits(buffer.Span[i]) != 0)
                return false;
        }

        return true;
    }
}
