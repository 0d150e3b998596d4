using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>What is fixed for the model while the service runs: how samples look, and the reference data fitted to it.</summary>
/// <param name="Schema">What samples have to look like.</param>
/// <param name="Golden">Samples on which a candidate must not fall behind; null for none.</param>
/// <param name="Rehearsal">Samples to mix into runs; null for none.</param>
internal sealed record ModelData(SampleSchema Schema, IDataset? Golden, IDataset? Rehearsal)
{
    /// <summary>Asks the host for its reference data, and checks and converts it.</summary>
    /// <exception cref="DatasetException">Reference data does not fit the model.</exception>
    public static ModelData Load(SampleSchema schema, ReferenceDataFactory reference)
    {
        var data = reference(schema.Dataset);
        return new ModelData(schema, Fit(data.Golden, "The golden data"), Fit(data.Rehearsal, "The rehearsal data"));

        IDataset? Fit(IDataset? source, string name) =>
            source is null or { Count: 0 } ? null : FittedDataset.Create(source, schema.Dataset, name: name);
    }
}
