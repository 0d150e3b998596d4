using System.Numerics.Tensors;
using OrtAdaMomentum.Optimizers.Simd;

namespace OrtAdaMomentum.Optimizers;

/// <content>The passes that a step makes over the chunks of the buffers.</content>
public abstract unsafe partial class Optimizer
{
    private double MeasureNorm()
    {
        StepWorkers.Shared.Run(_squarePass, _squarePass.Pieces, _threads);
        double sum = 0;
        foreach (double square in _squares)
            sum += square;
        return Math.Sqrt(sum);
    }

    private void AddTo(StepChunk at)
    {
        Span<float> sum = new(_gradients + at.Start, at.Length);
        TensorPrimitives.Add(sum, new ReadOnlySpan<float>(_addend + at.Start, at.Length), sum);
    }

    private sealed class SumPass(Optimizer owner) : IChunkWork
    {
        public void Execute(int chunk) => owner.AddTo(owner._plan.Chunks[chunk]);
    }

    private sealed class SquarePass(Optimizer owner) : IChunkWork
    {
        /// <summary>A piece is a chunk of the first half and the one that lies as far in the second half.</summary>
        public int Pieces => (owner._plan.Chunks.Length + 1) / 2;

        public void Execute(int piece)
        {
            StepChunk[] chunks = owner._plan.Chunks;
            StepChunk first = chunks[piece];
            int other = piece + Pieces;
            if (other == chunks.Length)
            {
                Measure(first, piece);
                return;
            }

            StepChunk second = chunks[other];
            if (first.Length != second.Length)
            {
                Measure(first, piece);
                Measure(second, other);
                return;
            }

            if (owner._addend is not null)
            {
                owner.AddTo(first);
                owner.AddTo(second);
            }

            (owner._squares[piece], owner._squares[other]) =
                SquareSum.OfBoth(owner.Width, owner._gradients + first.Start, owner._gradients + second.Start, first.Length);
        }

        private void Measure(StepChunk at, int chunk)
        {
            if (owner._addend is not null)
                owner.AddTo(at);
            owner._squares[chunk] = SquareSum.Of(owner.Width, owner._gradients + at.Start, at.Length);
        }
    }

    private sealed class UpdatePass(Optimizer owner) : IChunkWork
    {
        public void Execute(int chunk)
        {
            StepChunk at = owner._plan.Chunks[chunk];
            if (owner._addend is not null && !owner._measures)
                owner.AddTo(at);
            owner.Update(new StepRange
            {
                Parameters = owner._parameters,
                Gradients = owner._gradients,
                Start = at.Start,
                End = at.End,
                GradientScale = owner._gradientScale,
                GradientLimit = (float)owner._clipping.MaximumValue,
                LearningRate = owner._learningRate * at.Group.LearningRateFactor,
                WeightDecay = at.Group.WeightDecay ?? owner.WeightDecay,
                Streams = owner._streams,
            });

            // A rule may leave something in the padding (AdaMomentum adds its epsilon there); it is to stay zero.
            for (int gap = at.FirstGap; gap < at.EndGap; gap++)
            {
                (int start, int length) = owner._plan.Gaps[gap];
                foreach (OptimizerState state in owner._states)
                    new Span<float>(state.Buffer.Pointer + start, length).Clear();
            }
        }
    }
}
