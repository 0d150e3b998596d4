namespace OrtAdaMomentum.Onnx.Normalization;

/// <summary>What was changed in a model to bring it into the one form that is trained, in words for the user.</summary>
public sealed class NormalizationReport
{
    private readonly List<string> _notes = [];

    /// <summary>One sentence for each thing worth knowing, in the order in which it happened.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Whether the model takes any number of samples at once.</summary>
    public bool BatchIsFree { get; internal set; }

    /// <summary>The types of the normalised model's values, as the runtime found them.</summary>
    internal IReadOnlyDictionary<string, TensorType> Types { get; set; } = new Dictionary<string, TensorType>();

    /// <summary>Constants that are no weights: graph inputs that were fixed; tables of angles and masks of operators that were written out.</summary>
    internal HashSet<string> Steering { get; } = new(StringComparer.Ordinal);

    internal void Note(string note)
    {
        if (!_notes.Contains(note))
            _notes.Add(note);
    }
}
