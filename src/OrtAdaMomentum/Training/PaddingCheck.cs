using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Training;

/// <summary>
/// Looks whether a model really ignores what its inputs are filled up with, since training would go wrong silently if it does not: two samples must have
/// the loss together that they have each alone.
/// </summary>
internal static class PaddingCheck
{
    // Far above what rounding makes of a loss, and far below what a step of data too many makes of it.
    private const double Tolerance = 1e-3;
    private const double Rounding = 1e-6;

    /// <exception cref="FineTuningException">It does not.</exception>
    public static void Run(FineTuningSession session, IDataset data)
    {
        if (!session.Padding.FillsInputs || MostUnlike(session, data) is not { } pair)
            return;
        double alone = (Loss(session, data, pair.Shorter) + Loss(session, data, pair.Longer)) / 2, together = Loss(session, data, pair.Shorter, pair.Longer);
        if (!(Math.Abs(alone - together) <= (Tolerance * Math.Abs(alone)) + Rounding))
        {
            throw new FineTuningException(
                FormattableString.Invariant($"Padding changes what the model makes of a sample: two of unlike lengths have a mean loss of {alone:G6} each alone, and of {together:G6} in one batch. ")
                + "Padding is for models that an input tells where a sample ends, and that leave out what is behind it. Remove Padding; batches hold samples of equal extents then.");
        }
    }

    /// <summary>The shortest and the longest of the samples that may go into one batch; null where all are alike.</summary>
    private static (int Shorter, int Longer)? MostUnlike(FineTuningSession session, IDataset data)
    {
        if (!data.Columns.Any(column => column.IsOpen && session.Padding.Fills(column.Name) && column.Name != session.Manifest.Target.Name))
            return null;
        var (shorter, longer) = new OpenExtents(data, session.Padding).Group(Enumerable.Range(0, data.Count).ToArray())
            .Select(group => (Shorter: group.MinBy(Length), Longer: group.MaxBy(Length)))
            .MaxBy(pair => Length(pair.Longer) - Length(pair.Shorter));
        return Length(longer) > Length(shorter) ? (shorter, longer) : null;

        long Length(int sample) => session.Manifest.Inputs
            .Where(input => session.Padding.Fills(input.Name))
            .Sum(input => ShapeFit.Product(data.ShapeOf(input.Name, sample)));
    }

    private static double Loss(FineTuningSession session, IDataset data, params int[] samples)
    {
        using var batch = session.CreateBatch(data, samples);
        batch.Fill(data, samples);
        return session.EvalStep(batch).Loss;
    }
}
