using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Gemm;

/// <summary>One row of a tile of results: two registers side by side.</summary>
/// <typeparam name="T">The register type.</typeparam>
internal readonly unsafe struct LanePair<T>(T left, T right)
    where T : struct, ILanes<T>
{
    private readonly T _left = left;
    private readonly T _right = right;

    /// <summary>The same number everywhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<T> Splat(float value) => new(T.Splat(value), T.Splat(value));

    /// <summary>Adds <paramref name="factor"/> times a row of the right operand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LanePair<T> Add(float* factor, T left, T right)
    {
        T splat = T.Splat(*factor);
        return new(T.MultiplyAdd(splat, left, _left), T.MultiplyAdd(splat, right, _right));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to, bool add)
    {
        if (add)
        {
            (T.Load(to) + _left).Store(to);
            (T.Load(to + T.Count) + _right).Store(to + T.Count);
        }
        else
        {
            _left.Store(to);
            _right.Store(to + T.Count);
        }
    }

    /// <summary>Writes the second register <paramref name="distance"/> floats behind the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreApart(float* to, nint distance)
    {
        _left.Store(to);
        _right.Store(to + distance);
    }
}
