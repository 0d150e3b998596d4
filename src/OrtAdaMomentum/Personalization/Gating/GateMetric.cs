namespace OrtAdaMomentum.Personalization;

/// <summary>What the gate compares.</summary>
public enum GateMetric
{
    /// <summary>Share of right answers, of all positions of all samples; more is better.</summary>
    Accuracy,

    /// <summary>Mean of the samples' losses; less is better.</summary>
    Loss,

    /// <summary>Mean over the classes of the harmonic mean of precision and recall; more is better. Rare classes weigh as much as frequent ones.</summary>
    MacroF1,

    /// <summary>Area under the receiver operating characteristic; of more than two classes the mean of one against the rest. More is better.</summary>
    Auc,

    /// <summary>Mean magnitude of the errors; less is better.</summary>
    MeanAbsoluteError,

    /// <summary>Mean square of the errors; less is better.</summary>
    MeanSquaredError,

    /// <summary>Edits per class of the target after greedy decoding, for sequences (CTC); less is better.</summary>
    EditDistance,
}
