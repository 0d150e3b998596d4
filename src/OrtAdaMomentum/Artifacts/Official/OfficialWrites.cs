namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>What a training model writes into its own inputs.</summary>
/// <param name="Gradients">The value that is the gradient, by parameter.</param>
/// <param name="States">Running statistics with their next values.</param>
internal sealed record OfficialWrites(IReadOnlyDictionary<string, string> Gradients, IReadOnlyList<StateInfo> States);
