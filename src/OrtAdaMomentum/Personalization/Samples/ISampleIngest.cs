using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>Takes samples in. Safe for use from several threads at once.</summary>
public interface ISampleIngest
{
    /// <summary>Number of samples that wait for the store; at most <see cref="FineTuningServiceOptions.QueueCapacity"/>.</summary>
    int Waiting { get; }

    /// <summary>
    /// Bytes of the samples that wait for the store or are on their way into it; at most <see cref="FineTuningServiceOptions.QueueCapacityBytes"/>, unless it is a
    /// single one that is larger.
    /// </summary>
    long WaitingBytes { get; }

    /// <summary>The model's inputs and its target, each with the batch axis in front; null before the service has started, and after it has stopped.</summary>
    DatasetSchema? Schema { get; }

    /// <summary>Checks a sample against the model and keeps nothing of it, so that of several none needs to be stored if one is wrong.</summary>
    /// <exception cref="InvalidSampleException">The sample does not fit the model; the message says where.</exception>
    /// <exception cref="InvalidOperationException">The service has not started yet, could not start, or has stopped.</exception>
    void Check(Sample sample);

    /// <summary>
    /// Checks a sample against the model and hands it to the store. Completes when the store has it; waits while the queue is full. Before
    /// the service has started it waits for it.
    /// </summary>
    /// <param name="sample">The sample.</param>
    /// <param name="cancellationToken">
    /// Ends the waiting. A sample that was queued by then is stored nevertheless; adding it again does no harm, because its key is known.
    /// </param>
    /// <exception cref="InvalidSampleException">The sample does not fit the model; the message says where.</exception>
    /// <exception cref="InvalidOperationException">The service has stopped, or could not start.</exception>
    ValueTask AddAsync(Sample sample, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives a sample that came before its target, or another one, because someone knows it by now or knows better. It counts as new then, so that the next run learns from it.
    /// Completes when the store has it.
    /// </summary>
    /// <param name="key">The sample's key.</param>
    /// <param name="target">What the model should have said.</param>
    /// <param name="cancellationToken">Ends the waiting; a correction that was queued by then is made nevertheless.</param>
    /// <returns>Whether there is a sample of that key; it may have gone because the store was full.</returns>
    /// <exception cref="InvalidSampleException">The target does not fit the model; the message says where.</exception>
    /// <exception cref="InvalidOperationException">The service has stopped, or could not start.</exception>
    ValueTask<bool> CorrectAsync(string key, SampleTensor target, CancellationToken cancellationToken = default);
}
