namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Leaves out what does not fit the model: a store may hold samples of another model that was at the same place before, or that came from elsewhere, and
/// one of them must not end every run.
/// </summary>
internal static class SnapshotFit
{
    /// <summary>The snapshot with the samples that fit; the same one if all do.</summary>
    /// <param name="snapshot">The samples.</param>
    /// <param name="schema">What they have to look like.</param>
    /// <param name="left">How many were left out.</param>
    /// <param name="example">What is wrong with the first of them; empty if there is none.</param>
    public static SampleSnapshot Of(SampleSnapshot snapshot, SampleSchema schema, out int left, out string example)
    {
        string found = "";
        var (training, heldOut) = (PickedSamples.Split(snapshot.Training, Fits).Picked, PickedSamples.Split(snapshot.HeldOut, Fits).Picked);
        left = snapshot.Training.Count + snapshot.HeldOut.Count - training.Count - heldOut.Count;
        example = found;
        return left == 0 ? snapshot : snapshot with { Training = training, HeldOut = heldOut };

        bool Fits(Sample sample)
        {
            try
            {
                SampleCheck.Check(schema, sample);
                return true;
            }
            catch (InvalidSampleException problem)
            {
                if (found.Length == 0)
                    found = $"'{sample.Key}': {problem.Message}";
                return false;
            }
        }
    }
}
