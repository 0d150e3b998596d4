using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>New samples and a choice of rehearsal samples, one after the other. The same seed chooses the same ones.</summary>
internal sealed class RehearsalMix : IDataset
{
    private readonly IDataset _fresh;
    private readonly IDataset _rehearsal;
    private readonly int[] _chosen;

    /// <summary>A mix in which rehearsal samples have the share <paramref name="share"/>, or as much of it as there are.</summary>
    public RehearsalMix(IDataset fresh, IDataset rehearsal, double share, ulong seed)
    {
        _fresh = fresh;
        _rehearsal = rehearsal;
        double wanted = Math.Round(fresh.Count * share / (1 - share));
        _chosen = Choose(rehearsal.Count, (int)Math.Min(wanted, rehearsal.Count), seed);
    }

    public int Count => _fresh.Count + _chosen.Length;

    public IReadOnlyList<DatasetColumn> Columns => _fresh.Columns;

    public void Read(string column, ReadOnlySpan<int> samples, Span<byte> destination)
    {
        int place = 0;
        foreach (int index in samples)
        {
            int size = samples.Length == 1 ? destination.Length : SizeOf(column, index, destination.Length / samples.Length);
            var (data, sample) = Find(index);
            data.Read(column, [sample], destination.Slice(place, size));
            place += size;
        }
    }

    public IReadOnlyList<long> ShapeOf(string column, int sample)
    {
        var (data, place) = Find(sample);
        return data.ShapeOf(column, place);
    }

    private (IDataset Data, int Sample) Find(int sample) => sample < _fresh.Count ? (_fresh, sample) : (_rehearsal, _chosen[sample - _fresh.Count]);

    /// <summary>Bytes of a sample; the given ones where all samples have the same shape.</summary>
    private int SizeOf(string column, int sample, int each)
    {
        var known = Columns.First(known => known.Name == column);
        return known.IsOpen ? (int)ShapeOf(column, sample).Aggregate((long)known.ElementType.SizeInBytes(), static (product, extent) => product * extent) : each;
    }

    /// <summary>The first places of a Fisher-Yates shuffle. SplitMix64, because System.Random may change between versions of .NET.</summary>
    private static int[] Choose(int count, int wanted, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        ulong state = seed;
        for (int place = 0; place < wanted; place++)
        {
            int other = place + (int)Math.BigMul(Next(ref state), (ulong)(count - place), out _);
            (order[place], order[other]) = (order[other], order[place]);
        }

        return order[..wanted];
    }

    private static ulong Next(ref ulong state)
    {
        ulong mixed = state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
