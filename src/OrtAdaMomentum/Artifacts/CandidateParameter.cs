namespace OrtAdaMomentum.Artifacts;

/// <summary>A tensor of the model that could be trained.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Shape">Its fixed shape.</param>
/// <param name="FirstUse">Place, in topological order, of the first node that uses it (reshaping and transposing nodes are looked through).</param>
internal sealed record CandidateParameter(string Name, IReadOnlyList<long> Shape, int FirstUse);
