using System.IO.Enumeration;

namespace OrtAdaMomentum.Optimizers;

/// <summary>
/// Settings for the parameters whose names match. A parameter belongs to the first group that matches it; one that no group matches
/// trains with the optimizer's own settings.
/// </summary>
public sealed record ParameterGroup
{
    /// <summary>
    /// Parameter names, or patterns in which <c>*</c> stands for any characters and <c>?</c> for one; ordinal, case-sensitive. A name
    /// without wildcard must exist in the layout; a pattern may match nothing.
    /// </summary>
    public required IReadOnlyList<string> Patterns { get; init; }

    /// <summary>Multiplies the optimizer's learning rate; finite, at least 0.</summary>
    public double LearningRateFactor { get; init; } = 1;

    /// <summary>Weight decay of the group; finite, at least 0. Null takes the optimizer's.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>
    /// Whether the parameters are left alone: neither they nor their states change, and their gradients count in no norm or check.
    /// </summary>
    public bool Frozen { get; init; }

    internal bool Matches(string name) =>
        Patterns.Any(pattern => pattern == name || FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));

    internal void Validate(BufferLayout layout)
    {
        if (Patterns is not { Count: > 0 })
            throw new ArgumentException("A parameter group needs at least one name or pattern.");
        if (!double.IsFinite(LearningRateFactor) || LearningRateFactor < 0)
            throw new ArgumentException($"Group '{Patterns[0]}': learning-rate factor {LearningRateFactor} is not finite and at least 0.");
        if (WeightDecay is { } decay && !(double.IsFinite(decay) && decay >= 0))
            throw new ArgumentException($"Group '{Patterns[0]}': weight decay {decay} is not finite and at least 0.");
        foreach (string pattern in Patterns)
        {
            if (pattern.AsSpan().ContainsAny('*', '?') || layout.TryGetSlot(pattern, out _))
                continue;
            IEnumerable<string> some = layout.Slots.Take(8).Select(static slot => slot.Name);
            throw new ArgumentException(
                $"A parameter group names '{pattern}', which is no parameter of this model; it has {string.Join(", ", some)} ...");
        }
    }
}
