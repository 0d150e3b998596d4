namespace OrtAdaMomentum.Artifacts;

/// <summary>Which parameters of a model are to be trained; the others stay as they are.</summary>
public abstract record TrainableSelection
{
    /// <summary>Every parameter.</summary>
    public static TrainableSelection All { get; } = new AllParameters();

    /// <summary>
    /// Parameters by name. <c>*</c> stands for any run of characters and <c>?</c> for one. Patterns are taken in their order; one that starts
    /// with <c>!</c> takes names out again. If the first pattern takes out, selection starts from all parameters.
    /// </summary>
    /// <example><c>Matching("head.*", "!*.bias")</c></example>
    public static TrainableSelection Matching(params string[] patterns) => new ByName(patterns);

    /// <summary>The parameters of the last layers: of the last <paramref name="count"/> nodes that hold a weight of two axes or more, and all after them.</summary>
    public static TrainableSelection LastLayers(int count) => new Last(count);

    /// <summary>The names selected.</summary>
    /// <param name="parameters">The candidates in the order in which the graph uses them.</param>
    /// <exception cref="FineTuningException">Nothing is selected, or a pattern matches nothing.</exception>
    internal abstract IReadOnlySet<string> Select(IReadOnlyList<CandidateParameter> parameters);

    private sealed record AllParameters : TrainableSelection
    {
        internal override IReadOnlySet<string> Select(IReadOnlyList<CandidateParameter> parameters) =>
            parameters.Select(static parameter => parameter.Name).ToHashSet();
    }

    private sealed record ByName(IReadOnlyList<string> Patterns) : TrainableSelection
    {
        internal override IReadOnlySet<string> Select(IReadOnlyList<CandidateParameter> parameters)
        {
            if (Patterns.Count == 0 || Patterns.Any(static pattern => string.IsNullOrWhiteSpace(pattern.TrimStart('!'))))
                throw new FineTuningException("A pattern of parameters to train is empty.");
            var selected = Patterns[0].StartsWith('!') ? parameters.Select(static parameter => parameter.Name).ToHashSet() : [];
            foreach (string pattern in Patterns)
            {
                string glob = pattern.TrimStart('!');
                var matches = parameters.Select(static parameter => parameter.Name).Where(name => GlobPattern.IsMatch(glob, name)).ToList();
                if (matches.Count == 0)
                    throw new FineTuningException($"The pattern '{pattern}' matches no parameter. {Available(parameters)}");
                if (pattern.StartsWith('!'))
                    selected.ExceptWith(matches);
                else
                    selected.UnionWith(matches);
            }

            return selected.Count > 0
                ? selected
                : throw new FineTuningException($"The patterns {string.Join(", ", Patterns)} leave no parameter to train. {Available(parameters)}");
        }

        private static string Available(IReadOnlyList<CandidateParameter> parameters)
        {
            const int shown = 30;
            string names = string.Join(", ", parameters.Take(shown).Select(static parameter => parameter.Name));
            return parameters.Count switch
            {
                0 => "The model has no parameters that could be trained.",
                > shown => $"The model's parameters: {names}, and {parameters.Count - shown} more.",
                _ => $"The model's parameters: {names}.",
            };
        }
    }

    private sealed record Last(int Count) : TrainableSelection
    {
        internal override IReadOnlySet<string> Select(IReadOnlyList<CandidateParameter> parameters)
        {
            if (Count < 1)
                throw new FineTuningException($"The number of last layers to train must be at least 1, was {Count}.");
            int[] layers = [.. parameters.Where(static parameter => parameter.Shape.Count >= 2).Select(static parameter => parameter.FirstUse).Distinct().Order()];
            int from = layers.Length == 0 ? 0 : layers[Math.Max(0, layers.Length - Count)];
            return parameters.Where(parameter => parameter.FirstUse >= from).Select(static parameter => parameter.Name).ToHashSet();
        }
    }
}
