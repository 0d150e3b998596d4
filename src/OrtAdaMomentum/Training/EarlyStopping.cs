namespace OrtAdaMomentum.Training;

/// <summary>
/// Ends training when the validation loss does not get better any more, and goes back to the epoch at which it was best (Prechelt 1998).
/// </summary>
/// <param name="Patience">Epochs in a row without an improvement after which training ends, 1 or more.</param>
/// <param name="MinimumImprovement">By how much, at least, the loss has to fall below the best one to count as an improvement, 0 or more.</param>
public sealed record EarlyStopping(int Patience, double MinimumImprovement = 0)
{
    internal void Validate()
    {
        if (Patience < 1)
            throw new FineTuningException($"The patience of early stopping must be at least 1, was {Patience}.");
        if (!double.IsFinite(MinimumImprovement) || MinimumImprovement < 0)
            throw new FineTuningException($"The minimum improvement of early stopping must be at least 0, was {MinimumImprovement}.");
    }
}

/// <summary>The best epoch so far.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="Loss">Its validation loss.</param>
/// <param name="EpochsSince">Epochs after it.</param>
internal sealed record BestEpoch(int Epoch, double Loss, int EpochsSince);
