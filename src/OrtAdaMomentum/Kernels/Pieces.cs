namespace OrtAdaMomentum.Kernels;

/// <summary>Cuts a row of equal items into pieces worth a thread's while. The cut depends on the extents alone.</summary>
internal readonly struct Pieces
{
    /// <summary>Elements below which handing a piece to a thread costs more than it brings.</summary>
    public const int SmallestLength = 16 * 1024;

    private readonly nint _items;
    private readonly nint _each;

    /// <summary>Cuts.</summary>
    /// <param name="items">Number of items, 0 or more.</param>
    /// <param name="length">Elements that an item has.</param>
    /// <param name="most">Most pieces; with them a kernel bounds what it keeps for each piece.</param>
    /// <param name="multiple">Each piece but the last has a multiple of so many items.</param>
    public Pieces(nint items, nint length, int most = int.MaxValue, int multiple = 1)
    {
        _items = items;
        nint each = Math.Max((SmallestLength - 1) / Math.Max(length, 1) + 1, (items - 1) / most + 1);
        _each = (each - 1) / multiple * multiple + multiple;
    }

    public int Count => (int)((_items + _each - 1) / _each);

    /// <summary>The items of a piece: the first, and the one behind the last.</summary>
    public (nint From, nint To) this[int piece] => (piece * _each, Math.Min(_items, (piece + 1) * _each));
}
