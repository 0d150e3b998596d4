using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrtAdaMomentum.Kernels.Pooling;

/// <summary>Gradient of max pooling: what each window gets goes to the element that was taken; windows may have taken the same one.</summary>
internal static unsafe class MaxPoolBackward
{
    /// <summary>Computes the gradient of the input.</summary>
    /// <returns>False if a place lies behind its plane, which no pooling gives.</returns>
    public static bool Run(in Arguments arguments, KernelThreads threads)
    {
        State state = new() { Arguments = arguments, Pieces = new(arguments.Planes, Math.Max(arguments.Elements, arguments.Windows)) };
        threads.For(state.Pieces.Count, &Piece, &state);
        return !state.IsOutside;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece(void* state, int piece)
    {
        Arguments all = ((State*)state)->Arguments;
        (nint plane, nint end) = ((State*)state)->Pieces[piece];

        // All at once: a sum that is read back just after it was cleared waits until the wider write has left the processor's store queue.
        NativeMemory.Clear(all.Result + (plane * all.Elements), (nuint)((end - plane) * all.Elements) * sizeof(float));
        for (; plane < end; plane++)
        {
            nint start = plane * all.Elements;
            float* result = all.Result + start, gradient = all.Gradient + (plane * all.Windows);
            long* places = all.Places + (plane * all.Windows);
            for (nint window = 0; window < all.Windows; window++)
            {
                // A window all on padding took nothing, which ONNX Runtime places before the plane.
                long place = places[window] - start;
                if ((ulong)place < (ulong)all.Elements)
                    result[place] += gradient[window];
                else if (place > 0)
                    ((State*)state)->IsOutside = true;
            }
        }
    }

    /// <summary>Tensors and extents.</summary>
    public struct Arguments
    {
        /// <summary>Gradient of the output, [planes, windows].</summary>
        public float* Gradient;

        /// <summary>Which element each window took, counted through the whole input.</summary>
        public long* Places;

        /// <summary>Gradient of the input, [planes, elements].</summary>
        public float* Result;

        /// <summary>Images times channels.</summary>
        public nint Planes;

        /// <summary>Windows over a plane.</summary>
        public nint Windows;

        /// <summary>Elements of a plane of the input.</summary>
        public nint Elements;
    }

    private struct State
    {
        public Arguments Arguments;
        public Pieces Pieces;
        public bool IsOutside;
    }
}
