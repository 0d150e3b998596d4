using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution.ImageLanes;

/// <summary>Pairs of places of some channels, kept in registers while the taps pass by. Each channel needs registers of its own.</summary>
internal static unsafe class ChannelTile
{
    /// <summary>Channels of the next tile: few of those computed shall be ones that do not exist.</summary>
    /// <param name="remaining">How many channels are still to come, this tile's included.</param>
    public static int Height<T>(int remaining)
        where T : struct, ILanes<T>
    {
        if (T.Count == Lanes16.Count && remaining is > 12 or 7 or 8)
            return 8;
        if (remaining > 4 && remaining is not (7 or 8))
            return 6;
        return remaining > 2 ? 4 : 2;
    }

    /// <summary>Channels of all tiles.</summary>
    public static int Rounded<T>(int channels)
        where T : struct, ILanes<T>
    {
        int rounded = 0;
        for (int height; channels > 0; channels -= height)
            rounded += height = Height<T>(channels);
        return rounded;
    }

    /// <summary>Writes tiles of neighbouring places.</summary>
    /// <param name="height">2, 4, 6 or 8 channels.</param>
    /// <param name="operands">What is added up.</param>
    public static void Add<T>(int height, in Operands operands)
        where T : struct, ILanes<T>
    {
        switch (height)
        {
            case 8:
                Add8<T>(operands);
                break;
            case 6:
                Add6<T>(operands);
                break;
            case 4:
                Add4<T>(operands);
                break;
            default:
                Add2<T>(operands);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add8<T>(in Operands operands)
        where T : struct, ILanes<T>
    {
        float* source = operands.Source, bias = operands.Bias, result = operands.Result;
        nint* end = operands.Offsets + operands.Taps;
        nint next = operands.SourceNext, resultNext = operands.ResultNext, stride = operands.ResultStride;
        for (nint pair = 0; pair < operands.Pairs; pair++, source += 2 * next, result += 2 * resultNext)
        {
            LanePair<T> row0 = LanePair<T>.Splat(bias[0]), row1 = LanePair<T>.Splat(bias[1]),
                row2 = LanePair<T>.Splat(bias[2]), row3 = LanePair<T>.Splat(bias[3]),
                row4 = LanePair<T>.Splat(bias[4]), row5 = LanePair<T>.Splat(bias[5]),
                row6 = LanePair<T>.Splat(bias[6]), row7 = LanePair<T>.Splat(bias[7]);
            float* factors = operands.Factors;
            for (nint* offset = operands.Offsets; offset < end; offset++, factors += 8)
            {
                float* place = source + *offset;
                T first = T.Load(place), second = T.Load(place + next);
                row0 = row0.Add(factors, first, second);
                row1 = row1.Add(factors + 1, first, second);
                row2 = row2.Add(factors + 2, first, second);
                row3 = row3.Add(factors + 3, first, second);
                row4 = row4.Add(factors + 4, first, second);
                row5 = row5.Add(factors + 5, first, second);
                row6 = row6.Add(factors + 6, first, second);
                row7 = row7.Add(factors + 7, first, second);
            }

            row0.StoreApart(result, resultNext);
            row1.StoreApart(result + stride, resultNext);
            row2.StoreApart(result + (2 * stride), resultNext);
            row3.StoreApart(result + (3 * stride), resultNext);
            row4.StoreApart(result + (4 * stride), resultNext);
            row5.StoreApart(result + (5 * stride), resultNext);
            row6.StoreApart(result + (6 * stride), resultNext);
            row7.StoreApart(result + (7 * stride), resultNext);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add6<T>(in Operands operands)
        where T : struct, ILanes<T>
    {
        float* source = operands.Source, bias = operands.Bias, result = operands.Result;
        nint* end = operands.Offsets + operands.Taps;
        nint next = operands.SourceNext, resultNext = operands.ResultNext, stride = operands.ResultStride;
        for (nint pair = 0; pair < operands.Pairs; pair++, source += 2 * next, result += 2 * resultNext)
        {
            LanePair<T> row0 = LanePair<T>.Splat(bias[0]), row1 = LanePair<T>.Splat(bias[1]),
                row2 = LanePair<T>.Splat(bias[2]), row3 = LanePair<T>.Splat(bias[3]),
                row4 = LanePair<T>.Splat(bias[4]), row5 = LanePair<T>.Splat(bias[5]);
            float* factors = operands.Factors;
            for (nint* offset = operands.Offsets; offset < end; offset++, factors += 6)
            {
                float* place = source + *offset;
                T first = T.Load(place), second = T.Load(place + next);
                row0 = row0.Add(factors, first, second);
                row1 = row1.Add(factors + 1, first, second);
                row2 = row2.Add(factors + 2, first, second);
                row3 = row3.Add(factors + 3, first, second);
                row4 = row4.Add(factors + 4, first, second);
                row5 = row5.Add(factors + 5, first, second);
            }

            row0.StoreApart(result, resultNext);
            row1.StoreApart(result + stride, resultNext);
            row2.StoreApart(result + (2 * stride), resultNext);
            row3.StoreApart(result + (3 * stride), resultNext);
            row4.StoreApart(result + (4 * stride), resultNext);
            row5.StoreApart(result + (5 * stride), resultNext);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add4<T>(in Operands operands)
        where T : struct, ILanes<T>
    {
        float* source = operands.Source, bias = operands.Bias, result = operands.Result;
        nint* end = operands.Offsets + operands.Taps;
        nint next = operands.SourceNext, resultNext = operands.ResultNext, stride = operands.ResultStride;
        for (nint pair = 0; pair < operands.Pairs; pair++, source += 2 * next, result += 2 * resultNext)
        {
            LanePair<T> row0 = LanePair<T>.Splat(bias[0]), row1 = LanePair<T>.Splat(bias[1]),
                row2 = LanePair<T>.Splat(bias[2]), row3 = LanePair<T>.Splat(bias[3]);
            float* factors = operands.Factors;
            for (nint* offset = operands.Offsets; offset < end; offset++, factors += 4)
            {
                float* place = source + *offset;
                T first = T.Load(place), second = T.Load(place + next);
                row0 = row0.Add(factors, first, second);
                row1 = row1.Add(factors + 1, first, second);
                row2 = row2.Add(factors + 2, first, second);
                row3 = row3.Add(factors + 3, first, second);
            }

            row0.StoreApart(result, resultNext);
            row1.StoreApart(result + stride, resultNext);
            row2.StoreApart(result + (2 * stride), resultNext);
            row3.StoreApart(result + (3 * stride), resultNext);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add2<T>(in Operands operands)
        where T : struct, ILanes<T>
    {
        float* source = operands.Source, bias = operands.Bias, result = operands.Result;
        nint* end = operands.Offsets + operands.Taps;
        nint next = operands.SourceNext, resultNext = operands.ResultNext, stride = operands.ResultStride;
        for (nint pair = 0; pair < operands.Pairs; pair++, source += 2 * next, result += 2 * resultNext)
        {
            LanePair<T> row0 = LanePair<T>.Splat(bias[0]), row1 = LanePair<T>.Splat(bias[1]);
            float* factors = operands.Factors;
            for (nint* offset = operands.Offsets; offset < end; offset++, factors += 2)
            {
                float* place = source + *offset;
                T first = T.Load(place), second = T.Load(place + next);
                row0 = row0.Add(factors, first, second);
                row1 = row1.Add(factors + 1, first, second);
            }

            row0.StoreApart(result, resultNext);
            row1.StoreApart(result + stride, resultNext);
        }
    }

    /// <summary>What a tile adds up.</summary>
    internal struct Operands
    {
        /// <summary>For each tap a factor for each channel.</summary>
        public float* Factors;

        /// <summary>Where each tap sees the first place, counted from <see cref="Source"/>.</summary>
        public nint* Offsets;

        /// <summary>Number of taps.</summary>
        public nint Taps;

        /// <summary>What the taps move over.</summary>
        public float* Source;

        /// <summary>Floats of the source from what a tap sees for a place to that for the next.</summary>
        public nint SourceNext;

        /// <summary>Number of pairs of places.</summary>
        public nint Pairs;

        /// <summary>What each channel starts from.</summary>
        public float* Bias;

        /// <summary>The first place of the first channel.</summary>
        public float* Result;

        /// <summary>Floats of the result from a place to the next.</summary>
        public nint ResultNext;

        /// <summary>Floats of the result from a channel to the next.</summary>
        public nint ResultStride;
    }
}
