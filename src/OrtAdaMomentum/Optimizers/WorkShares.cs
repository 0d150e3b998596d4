using System.Runtime.InteropServices;

namespace OrtAdaMomentum.Optimizers;

/// <summary>
/// Hands out pieces so that each thread goes through neighbouring ones, which memory serves much faster than two threads that alternate,
/// and so that nobody waits: who is done with its own share goes on with what is left of the others'.
/// </summary>
internal sealed class WorkShares
{
    private Share[] _shares = [];
    private int _used;

    /// <summary>Cuts the pieces into equal shares. Allocates only where there were never so many.</summary>
    public void Cut(int pieces, int shares)
    {
        if (_shares.Length < shares)
            _shares = new Share[shares];
        _used = shares;
        for (int share = 0; share < shares; share++)
        {
            _shares[share].Taken = (int)((long)pieces * share / shares);
            _shares[share].End = (int)((long)pieces * (share + 1) / shares);
        }
    }

    /// <summary>Takes the next piece.</summary>
    /// <param name="share">The share of the caller; the one that the piece came from afterwards.</param>
    /// <param name="piece">The piece.</param>
    /// <returns>Whether there was one left.</returns>
    public bool TryTake(ref int share, out int piece)
    {
        for (int tried = 0; tried < _used; tried++)
        {
            ref Share from = ref _shares[share];
            if (Volatile.Read(ref from.Taken) < from.End)
            {
                piece = Interlocked.Increment(ref from.Taken) - 1;
                if (piece < from.End)
                    return true;
            }

            share = share + 1 < _used ? share + 1 : 0;
        }

        piece = 0;
        return false;
    }

    /// <summary>On cache lines of its own, two of which processors tend to fetch together.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct Share
    {
        public int Taken;
        public int End;
    }
}
