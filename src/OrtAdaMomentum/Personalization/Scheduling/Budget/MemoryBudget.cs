using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Training;
using static System.FormattableString;

namespace OrtAdaMomentum.Personalization;

/// <summary>Refuses a training that would take more memory than it may, or than there is.</summary>
internal sealed class MemoryBudget(IMemoryProbe probe)
{
    /// <param name="artifacts">What would be trained.</param>
    /// <param name="batchSize">Samples in a batch.</param>
    /// <param name="schema">What samples look like; an axis without a greatest extent is counted as 1 long.</param>
    /// <param name="training">How it would be trained.</param>
    /// <param name="budget">What it may take.</param>
    /// <exception cref="FineTuningException">It would take too much; the message says how much, and what can be done.</exception>
    public void Check(TrainingArtifacts artifacts, int batchSize, SampleSchema schema, FineTuningOptions training, TrainingBudgetOptions budget)
    {
        long needed;
        try
        {
            var extents = schema.OpenAxes.ToDictionary(static axis => (axis.Tensor, axis.Axis + 1), static axis => axis.Most ?? 1);
            needed = FineTuningSession.EstimateMemory(artifacts, batchSize, extents, training).TotalBytes;
        }
        catch (OnnxModelException)
        {
            // A model that takes no batches of this size; the run itself says so.
            return;
        }

        if (needed > budget.MaximumMemory)
            throw Refusal($"the {Megabytes(budget.MaximumMemory.Value)} of Budget:MaximumMemory");
        if (probe.ReadAvailableBytes() is { } left && needed > left)
            throw Refusal($"the {Megabytes(left)} that are left on the machine");

        FineTuningException Refusal(string bound) =>
            new($"Training would take about {Megabytes(needed)} of memory, more than {bound}. A smaller BatchSize (now {batchSize}){(schema.OpenAxes.Count > 0 ? ", smaller MaximumExtents" : "")} or fewer Trainable parameters take less.");
    }

    private static string Megabytes(long bytes) => Invariant($"{bytes / 1e6:0} MB");
}
