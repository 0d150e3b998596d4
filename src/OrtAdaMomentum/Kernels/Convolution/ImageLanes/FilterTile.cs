using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution.ImageLanes;

/// <summary>Sums for some channels of the output gradient and some taps, kept in registers while the windows pass by.</summary>
internal static unsafe class FilterTile
{
    /// <summary>Channels of the tallest tile.</summary>
    public const int Tallest = 4;

    /// <summary>Taps of the widest tile.</summary>
    public const int Widest = 5;

    /// <summary>Floats of the memory for the sums of a tile.</summary>
    public static int SumsLength<T>()
        where T : struct, ILanes<T> => ((Tallest * Widest) + T.Count) * T.Count;

    /// <summary>Channels of the next tile: few of those computed shall be ones that do not exist.</summary>
    /// <param name="remaining">How many channels are still to come, this tile's included.</param>
    public static int Height(int remaining) => remaining is 3 or 5 or 6 or 9 or < 3 ? 3 : Tallest;

    /// <summary>Channels of all tiles.</summary>
    public static int Rounded(int channels)
    {
        int rounded = 0;
        for (int height; channels > 0; channels -= height)
            rounded += height = Height(channels);
        return rounded;
    }

    /// <summary>Taps of the next tile.</summary>
    /// <param name="remaining">How many taps are still to come, this tile's included.</param>
    public static int Width<T>(int remaining)
        where T : struct, ILanes<T> => remaining is <= 3 or 6 or 9 || T.Count < Lanes16.Count ? 3 : Widest;

    /// <summary>Computes a tile.</summary>
    /// <param name="height">3 or 4 channels.</param>
    /// <param name="width">3 or 5 taps.</param>
    /// <param name="operands">What is added up.</param>
    /// <param name="sums">
    /// The sums of the first channel, then those of the next; as long as <see cref="SumsLength"/> says, and what is behind them is lost.
    /// </param>
    public static void Add<T>(int height, int width, in FilterTileOperands operands, float* sums)
        where T : struct, ILanes<T>
    {
        if (height == 3 && width == 3)
            Add3x3<T>(operands, sums);
        else if (height == 3)
            Add3x5<T>(operands, sums);
        else if (width == 3)
            Add4x3<T>(operands, sums);
        else
            Add4x5<T>(operands, sums);
        for (int first = 0; first < height * width; first += T.Count)
            AddLanes<T>(sums + (first * T.Count), sums + first);
    }

    /// <summary>Adds up the lanes of as many registers as a register has lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddLanes<T>(float* registers, float* sums)
        where T : struct, ILanes<T>
    {
        for (int count = T.Count / 2; count > 0; count /= 2)
        {
            for (int index = 0; index < count; index++)
            {
                T first = T.Load(registers + (2 * index * T.Count)), second = T.Load(registers + (((2 * index) + 1) * T.Count));
                (T.Even(first, second) + T.Odd(first, second)).Store(registers + (index * T.Count));
            }
        }

        T.Load(registers).Store(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add3x3<T>(in FilterTileOperands operands, float* sums)
        where T : struct, ILanes<T>
    {
        T s00 = T.Splat(0), s01 = s00, s02 = s00, s10 = s00, s11 = s00, s12 = s00, s20 = s00, s21 = s00, s22 = s00;
        nint stride = operands.GradientStride, step = operands.SourceStep;
        nint offset0 = operands.Offsets[0], offset1 = operands.Offsets[1], offset2 = operands.Offsets[2];
        for (nint line = 0; line < operands.Lines; line++)
        {
            float* g = operands.Gradient + (line * operands.GradientLine), source = operands.Source + (line * operands.SourceLine);
            for (nint place = operands.Places; place > 0; place--, g += T.Count, source += step)
            {
                T g0 = T.Load(g), g1 = T.Load(g + stride), g2 = T.Load(g + (2 * stride));
                T x = T.Load(source + offset0);
                s00 = T.MultiplyAdd(g0, x, s00);
                s10 = T.MultiplyAdd(g1, x, s10);
                s20 = T.MultiplyAdd(g2, x, s20);
                x = T.Load(source + offset1);
                s01 = T.MultiplyAdd(g0, x, s01);
                s11 = T.MultiplyAdd(g1, x, s11);
                s21 = T.MultiplyAdd(g2, x, s21);
                x = T.Load(source + offset2);
                s02 = T.MultiplyAdd(g0, x, s02);
                s12 = T.MultiplyAdd(g1, x, s12);
                s22 = T.MultiplyAdd(g2, x, s22);
            }
        }

        s00.Store(sums);
        s01.Store(sums + T.Count);
        s02.Store(sums + (2 * T.Count));
        s10.Store(sums + (3 * T.Count));
        s11.Store(sums + (4 * T.Count));
        s12.Store(sums + (5 * T.Count));
        s20.Store(sums + (6 * T.Count));
        s21.Store(sums + (7 * T.Count));
        s22.Store(sums + (8 * T.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add3x5<T>(in FilterTileOperands operands, float* sums)
        where T : struct, ILanes<T>
    {
        T s00 = T.Splat(0), s01 = s00, s02 = s00, s03 = s00, s04 = s00, s10 = s00, s11 = s00, s12 = s00, s13 = s00,
            s14 = s00, s20 = s00, s21 = s00, s22 = s00, s23 = s00, s24 = s00;
        nint stride = operands.GradientStride, step = operands.SourceStep;
        nint offset0 = operands.Offsets[0], offset1 = operands.Offsets[1], offset2 = operands.Offsets[2],
            offset3 = operands.Offsets[3], offset4 = operands.Offsets[4];
        for (nint line = 0; line < operands.Lines; line++)
        {
            float* g = operands.Gradient + (line * operands.GradientLine), source = operands.Source + (line * operands.SourceLine);
            for (nint place = operands.Places; place > 0; place--, g += T.Count, source += step)
            {
                T g0 = T.Load(g), g1 = T.Load(g + stride), g2 = T.Load(g + (2 * stride));
                T x = T.Load(source + offset0);
                s00 = T.MultiplyAdd(g0, x, s00);
                s10 = T.MultiplyAdd(g1, x, s10);
                s20 = T.MultiplyAdd(g2, x, s20);
                x = T.Load(source + offset1);
                s01 = T.MultiplyAdd(g0, x, s01);
                s11 = T.MultiplyAdd(g1, x, s11);
                s21 = T.MultiplyAdd(g2, x, s21);
                x = T.Load(source + offset2);
                s02 = T.MultiplyAdd(g0, x, s02);
                s12 = T.MultiplyAdd(g1, x, s12);
                s22 = T.MultiplyAdd(g2, x, s22);
                x = T.Load(source + offset3);
                s03 = T.MultiplyAdd(g0, x, s03);
                s13 = T.MultiplyAdd(g1, x, s13);
                s23 = T.MultiplyAdd(g2, x, s23);
                x = T.Load(source + offset4);
                s04 = T.MultiplyAdd(g0, x, s04);
                s14 = T.MultiplyAdd(g1, x, s14);
                s24 = T.MultiplyAdd(g2, x, s24);
            }
        }

        s00.Store(sums);
        s01.Store(sums + T.Count);
        s02.Store(sums + (2 * T.Count));
        s03.Store(sums + (3 * T.Count));
        s04.Store(sums + (4 * T.Count));
        s10.Store(sums + (5 * T.Count));
        s11.Store(sums + (6 * T.Count));
        s12.Store(sums + (7 * T.Count));
        s13.Store(sums + (8 * T.Count));
        s14.Store(sums + (9 * T.Count));
        s20.Store(sums + (10 * T.Count));
        s21.Store(sums + (11 * T.Count));
        s22.Store(sums + (12 * T.Count));
        s23.Store(sums + (13 * T.Count));
        s24.Store(sums + (14 * T.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add4x3<T>(in FilterTileOperands operands, float* sums)
        where T : struct, ILanes<T>
    {
        T s00 = T.Splat(0), s01 = s00, s02 = s00, s10 = s00, s11 = s00, s12 = s00, s20 = s00, s21 = s00, s22 = s00,
            s30 = s00, s31 = s00, s32 = s00;
        nint stride = operands.GradientStride, step = operands.SourceStep;
        nint offset0 = operands.Offsets[0], offset1 = operands.Offsets[1], offset2 = operands.Offsets[2];
        for (nint line = 0; line < operands.Lines; line++)
        {
            float* g = operands.Gradient + (line * operands.GradientLine), source = operands.Source + (line * operands.SourceLine);
            for (nint place = operands.Places; place > 0; place--, g += T.Count, source += step)
            {
                T g0 = T.Load(g), g1 = T.Load(g + stride), g2 = T.Load(g + (2 * stride)), g3 = T.Load(g + (3 * stride));
                T x = T.Load(source + offset0);
                s00 = T.MultiplyAdd(g0, x, s00);
                s10 = T.MultiplyAdd(g1, x, s10);
                s20 = T.MultiplyAdd(g2, x, s20);
                s30 = T.MultiplyAdd(g3, x, s30);
                x = T.Load(source + offset1);
                s01 = T.MultiplyAdd(g0, x, s01);
                s11 = T.MultiplyAdd(g1, x, s11);
                s21 = T.MultiplyAdd(g2, x, s21);
                s31 = T.MultiplyAdd(g3, x, s31);
                x = T.Load(source + offset2);
                s02 = T.MultiplyAdd(g0, x, s02);
                s12 = T.MultiplyAdd(g1, x, s12);
                s22 = T.MultiplyAdd(g2, x, s22);
                s32 = T.MultiplyAdd(g3, x, s32);
            }
        }

        s00.Store(sums);
        s01.Store(sums + T.Count);
        s02.Store(sums + (2 * T.Count));
        s10.Store(sums + (3 * T.Count));
        s11.Store(sums + (4 * T.Count));
        s12.Store(sums + (5 * T.Count));
        s20.Store(sums + (6 * T.Count));
        s21.Store(sums + (7 * T.Count));
        s22.Store(sums + (8 * T.Count));
        s30.Store(sums + (9 * T.Count));
        s31.Store(sums + (10 * T.Count));
        s32.Store(sums + (11 * T.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add4x5<T>(in FilterTileOperands operands, float* sums)
        where T : struct, ILanes<T>
    {
        T s00 = T.Splat(0), s01 = s00, s02 = s00, s03 = s00, s04 = s00, s10 = s00, s11 = s00, s12 = s00, s13 = s00,
            s14 = s00, s20 = s00, s21 = s00, s22 = s00, s23 = s00, s24 = s00, s30 = s00, s31 = s00, s32 = s00,
            s33 = s00, s34 = s00;
        nint stride = operands.GradientStride, step = operands.SourceStep;
        nint offset0 = operands.Offsets[0], offset1 = operands.Offsets[1], offset2 = operands.Offsets[2],
            offset3 = operands.Offsets[3], offset4 = operands.Offsets[4];
        for (nint line = 0; line < operands.Lines; line++)
        {
            float* g = operands.Gradient + (line * operands.GradientLine), source = operands.Source + (line * operands.SourceLine);
            for (nint place = operands.Places; place > 0; place--, g += T.Count, source += step)
            {
                T g0 = T.Load(g), g1 = T.Load(g + stride), g2 = T.Load(g + (2 * stride)), g3 = T.Load(g + (3 * stride));
                T x = T.Load(source + offset0);
                s00 = T.MultiplyAdd(g0, x, s00);
                s10 = T.MultiplyAdd(g1, x, s10);
                s20 = T.MultiplyAdd(g2, x, s20);
                s30 = T.MultiplyAdd(g3, x, s30);
                x = T.Load(source + offset1);
                s01 = T.MultiplyAdd(g0, x, s01);
                s11 = T.MultiplyAdd(g1, x, s11);
                s21 = T.MultiplyAdd(g2, x, s21);
                s31 = T.MultiplyAdd(g3, x, s31);
                x = T.Load(source + offset2);
                s02 = T.MultiplyAdd(g0, x, s02);
                s12 = T.MultiplyAdd(g1, x, s12);
                s22 = T.MultiplyAdd(g2, x, s22);
                s32 = T.MultiplyAdd(g3, x, s32);
                x = T.Load(source + offset3);
                s03 = T.MultiplyAdd(g0, x, s03);
                s13 = T.MultiplyAdd(g1, x, s13);
                s23 = T.MultiplyAdd(g2, x, s23);
                s33 = T.MultiplyAdd(g3, x, s33);
                x = T.Load(source + offset4);
                s04 = T.MultiplyAdd(g0, x, s04);
                s14 = T.MultiplyAdd(g1, x, s14);
                s24 = T.MultiplyAdd(g2, x, s24);
                s34 = T.MultiplyAdd(g3, x, s34);
            }
        }

        s00.Store(sums);
        s01.Store(sums + T.Count);
        s02.Store(sums + (2 * T.Count));
        s03.Store(sums + (3 * T.Count));
        s04.Store(sums + (4 * T.Count));
        s10.Store(sums + (5 * T.Count));
        s11.Store(sums + (6 * T.Count));
        s12.Store(sums + (7 * T.Count));
        s13.Store(sums + (8 * T.Count));
        s14.Store(sums + (9 * T.Count));
        s20.Store(sums + (10 * T.Count));
        s21.Store(sums + (11 * T.Count));
        s22.Store(sums + (12 * T.Count));
        s23.Store(sums + (13 * T.Count));
        s24.Store(sums + (14 * T.Count));
        s30.Store(sums + (15 * T.Count));
        s31.Store(sums + (16 * T.Count));
        s32.Store(sums + (17 * T.Count));
        s33.Store(sums + (18 * T.Count));
        s34.Store(sums + (19 * T.Count));
    }
}
