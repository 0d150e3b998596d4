using System.Numerics;
using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Elementwise;

/// <summary>Gradient of Relu: that of the output where the output is positive. Inputs: gradient, output. Output: gradient of the input.</summary>
internal sealed unsafe class ReluBackwardKernel : Kernel
{
    private const int PieceLength = 16 * 1024;

    public static KernelDefinition Definition { get; } =
        new("ReluBackward", KernelDefinition.Floats(2), KernelDefinition.Floats(1), static _ => new ReluBackwardKernel()) { InPlace = true };

    public override void Compute(KernelContext context)
    {
        var shape = context.Shape(0);
        Arguments arguments = new()
        {
            Gradient = context.Floats(0), Output = context.Floats(1), Result = context.Output(0, shape.AsSpan()), Count = (nint)shape.Count,
        };
        context.Threads.For((int)((arguments.Count + PieceLength - 1) / PieceLength), &Piece, &arguments);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece(void* state, int piece)
    {
        Arguments arguments = *(Arguments*)state;
        nint index = piece * PieceLength, end = Math.Min(index + PieceLength, arguments.Count);
        for (; index + Vector<float>.Count <= end; index += Vector<float>.Count)
        {
            var positive = Vector.GreaterThan(Vector.Load(arguments.Output + index), Vector<float>.Zero);
            Vector.ConditionalSelect(positive, Vector.Load(arguments.Gradient + index), Vector<float>.Zero).Store(arguments.Result + index);
        }

        for (; index < end; index++)
            arguments.Result[index] = arguments.Output[index] > 0 ? arguments.Gradient[index] : 0;
    }

    private struct Arguments
    {
        public float* Gradient;
        public float* Output;
        public float* Result;
        public nint Count;
    }
}
