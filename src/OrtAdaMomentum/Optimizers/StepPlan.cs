namespace OrtAdaMomentum.Optimizers;

/// <summary>A piece of the flat buffers with one setting: the unit of work of a step.</summary>
/// <param name="Start">First float, a multiple of 16.</param>
/// <param name="End">End, exclusive, a multiple of 16.</param>
/// <param name="Group">The settings of its parameters.</param>
/// <param name="FirstGap">The first padding gap that lies in it.</param>
/// <param name="EndGap">The end of its padding gaps, exclusive.</param>
internal readonly record struct StepChunk(int Start, int End, ParameterGroup Group, int FirstGap, int EndGap)
{
    public int Length => End - Start;
}

/// <summary>
/// What a step has to visit: neighbouring slots of equal settings form a run, frozen ones drop out, and runs are cut into chunks. The cut
/// depends on layout and groups alone, so sums taken chunk by chunk do not depend on the threads.
/// </summary>
internal sealed class StepPlan
{
    /// <summary>64 KiB of each buffer: long enough for the hardware's prefetching, short enough to share out evenly.</summary>
    public const int ChunkLength = 16 * 1024;

    private static readonly ParameterGroup _default = new() { Patterns = ["*"] };

    private StepPlan(StepChunk[] chunks, (int Start, int Length)[] gaps)
    {
        Chunks = chunks;
        Gaps = gaps;
        Floats = chunks.Sum(static chunk => (long)(chunk.End - chunk.Start));
    }

    public StepChunk[] Chunks { get; }

    /// <summary>Padding between trained tensors, in order.</summary>
    public (int Start, int Length)[] Gaps { get; }

    /// <summary>Floats that a step visits.</summary>
    public long Floats { get; }

    public static StepPlan Create(BufferLayout layout, IReadOnlyList<ParameterGroup> groups)
    {
        foreach (ParameterGroup group in groups)
            group.Validate(layout);

        List<StepChunk> chunks = [];
        List<(int Start, int Length)> gaps = [];
        ParameterGroup? current = null;
        int start = 0, end = 0, firstGap = 0;
        foreach (BufferSlot slot in layout.Slots)
        {
            if (slot.Length == 0)
                continue;
            ParameterGroup group = groups.FirstOrDefault(candidate => candidate.Matches(slot.Name)) ?? _default;
            if (!ReferenceEquals(group, current))
            {
                CloseRun();
                (current, start, firstGap) = (group, slot.Offset, gaps.Count);
            }

            int used = slot.Offset + slot.Length;
            end = (int)((used + (long)BufferLayout.BlockLength - 1) / BufferLayout.BlockLength * BufferLayout.BlockLength);
            if (end > used && !group.Frozen)
                gaps.Add((used, end - used));
        }

        CloseRun();
        return new StepPlan([.. chunks], [.. gaps]);

        void CloseRun()
        {
            if (current is null or { Frozen: true })
                return;
            for (int from = start, gap = firstGap; from < end;)
            {
                int to = end - from > ChunkLength ? from + ChunkLength : end;
                int endGap = gap;
                while (endGap < gaps.Count && gaps[endGap].Start < to)
                    endGap++;
                chunks.Add(new StepChunk(from, to, current, gap, endGap));
                (from, gap) = (to, endGap);
            }
        }
    }
}
