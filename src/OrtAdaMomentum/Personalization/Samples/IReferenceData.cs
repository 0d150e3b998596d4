using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// What the model knew before it was personalised, supplied by the host. Columns are those of the model's inputs and its target, named as
/// in the artifact manifest.
/// </summary>
public interface IReferenceData
{
    /// <summary>Samples on which a candidate must not fall behind the current version; never trained on. Null for none.</summary>
    IDataset? Golden { get; }

    /// <summary>Samples mixed into every run, so that old knowledge stays; must not overlap <see cref="Golden"/>. Null for none.</summary>
    IDataset? Rehearsal { get; }
}

/// <summary>Reference data from two datasets.</summary>
/// <param name="Golden">Samples on which a candidate must not fall behind.</param>
/// <param name="Rehearsal">Samples mixed into every run.</param>
public sealed record ReferenceData(IDataset? Golden, IDataset? Rehearsal) : IReferenceData
{
    /// <summary>No reference data.</summary>
    public static ReferenceData None { get; } = new(null, null);
}
