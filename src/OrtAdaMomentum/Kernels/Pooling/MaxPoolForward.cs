using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Pooling;

/// <summary>
/// Max pooling over planes, and where the greatest elements are, as ONNX Runtime has it: a window takes its first element, and then each that
/// is greater than the one before. So it takes the first of equal ones, and a NaN where it comes first. Many windows are compared at once, so
/// that nothing branches on what the numbers are.
/// </summary>
internal static unsafe class MaxPoolForward
{
    /// <summary>Computes the output, with <see cref="MaxPoolPairs"/> where that is faster.</summary>
    /// <param name="arguments">Tensors and extents.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; null takes the widest.</param>
    public static void Run(in Arguments arguments, KernelThreads threads, VectorWidth? width = null)
    {
        if (MaxPoolPairs.Takes(arguments))
        {
            MaxPoolPairs.Run(arguments, threads, width);
            return;
        }

        nint length = Math.Max(arguments.Rows.Elements * arguments.Columns.Elements, arguments.Rows.Windows * arguments.Columns.Windows);
        State state = new() { Arguments = arguments, Pieces = new(arguments.Planes, length) };
        threads.For(
            state.Pieces.Count, KernelWidth.Choose(width, &Piece<Lanes16>, &Piece<Lanes8>, &Piece<Lanes4>, &Piece<Lanes1>), &state);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        Arguments all = ((State*)state)->Arguments;
        (nint plane, nint end) = ((State*)state)->Pieces[piece];
        WindowAxis rows = all.Rows, columns = all.Columns;
        var block = MaxPoolBlock.Over(rows, columns);
        for (; plane < end; plane++)
        {
            nint start = plane * rows.Elements * columns.Elements, output = plane * rows.Windows * columns.Windows;
            for (nint row = 0; row < rows.Windows; row += block.Rows)
            {
                block.Start<T>(row, rows, columns);
                for (nint tap = 0; tap < rows.Taps; tap++)
                {
                    block.Split(all.Input + start, tap, rows, columns);
                    block.Compare<T>(tap * columns.Taps, columns.Taps);
                }

                if (all.Output != null)
                    block.WriteOutput(all.Output + output, rows, columns);
                if (all.Places != null)
                    block.WritePlaces(all.Places + output, start, rows, columns);
            }
        }
    }

    /// <summary>Tensors and extents.</summary>
    public struct Arguments
    {
        /// <summary>Input, [planes, rows, columns].</summary>
        public float* Input;

        /// <summary>Output, [planes, rows of windows, columns of windows]; null where it is not wanted.</summary>
        public float* Output;

        /// <summary>Which element each window took, counted through the whole input; null where that is not wanted.</summary>
        public long* Places;

        /// <summary>Images times channels.</summary>
        public nint Planes;

        /// <summary>Windows from top to bottom.</summary>
        public WindowAxis Rows;

        /// <summary>Windows from left to right.</summary>
        public WindowAxis Columns;
    }

    private struct State
    {
        public Arguments Arguments;
        public Pieces Pieces;
    }
}
