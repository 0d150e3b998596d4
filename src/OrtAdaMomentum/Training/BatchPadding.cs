using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Training;

/// <summary>
/// What shorter samples of a batch are filled up with: targets of sequences with -1, by which the loss knows where they end, and those inputs that the
/// options name, of which another input tells the model where they end.
/// </summary>
internal sealed class BatchPadding
{
    private readonly Dictionary<string, byte[]> _elements = new(StringComparer.Ordinal);

    private BatchPadding()
    {
    }

    /// <summary>Whether inputs are filled up too.</summary>
    public bool FillsInputs { get; private set; }

    /// <param name="manifest">What is trained.</param>
    /// <param name="inputs">Values by input.</param>
    /// <exception cref="FineTuningException">An input cannot be filled up so, or the loss would count what is filled up.</exception>
    public static BatchPadding Of(ArtifactManifest manifest, IReadOnlyDictionary<string, double> inputs)
    {
        var padding = new BatchPadding { FillsInputs = inputs.Count > 0 };
        foreach (var (name, value) in inputs)
            padding._elements.Add(name, ElementOf(manifest, name, value));
        if (padding.FillsInputs && LossProblem(manifest) is { } problem)
            throw new FineTuningException($"Padding: {problem} Without Padding, batches hold samples of equal extents.");
        if (manifest is { TargetKind: TargetKind.ClassSequence, Target.Shape.Count: 2 })
            padding._elements.Add(manifest.Target.Name, BitConverter.GetBytes(-1L));
        return padding;
    }

    /// <summary>Bytes of one element to fill up with; null for a tensor that is not filled up.</summary>
    public byte[]? ElementOf(string tensor) => _elements.GetValueOrDefault(tensor);

    public bool Fills(string tensor) => _elements.ContainsKey(tensor);

    private static byte[] ElementOf(ArtifactManifest manifest, string name, double value)
    {
        var input = manifest.Inputs.FirstOrDefault(input => input.Name == name)
            ?? throw new FineTuningException($"Padding:{name} is no input of the model. Its inputs: {string.Join(", ", manifest.Inputs.Select(static input => input.Name))}.");
        if (input.Shape.Skip(1).All(static dimension => dimension.IsStatic))
            throw new FineTuningException($"Padding:{name}: '{input}' has the same shape for every sample, so there is nothing to fill up.");
        if (!ElementConversion.IsNumber(input.ElementType) || ElementConversion.Problem(value, ElementType.Double, input.ElementType) is not null)
            throw new FineTuningException(FormattableString.Invariant($"Padding:{name}: {value} is no {input.ElementType}, which the elements of '{name}' are."));
        byte[] element = new byte[input.ElementType.SizeInBytes()];
        ElementConversion.Narrow(input.ElementType, [value], element);
        return element;
    }

    private static string? LossProblem(ArtifactManifest manifest) => manifest.TargetKind == TargetKind.ClassSequence
        ? manifest.HasInputLengths ? null : "the loss counts every time step. Generate the artifacts with the numbers of time steps in the target (CtcLoss.WithInputLengths)."
        : manifest.Target.Shape.Skip(1).All(static dimension => dimension.IsStatic) ? null : $"the target '{manifest.Target}' has an open axis too, and the loss would count what is filled up.";
}
