namespace OrtAdaMomentum.Training;

/// <summary>What executes the graphs of a session.</summary>
internal interface ITrainingBackend : IDisposable
{
    /// <summary>
    /// Forward and backward pass with the parameters and states as they are in their buffers; the gradients of this batch alone and the next
    /// states are in theirs afterwards.
    /// </summary>
    /// <returns>The loss.</returns>
    float Train(TrainingBatch batch);

    /// <summary>Forward pass.</summary>
    IEvalOutputs Evaluate(TrainingBatch batch);
}
