namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>What lies in the checkpoint and is bound to the graphs by the runtime.</summary>
/// <param name="Name">Its name in checkpoint and graphs.</param>
/// <param name="Shape">Its fixed shape.</param>
/// <param name="Trainable">Whether it has a gradient.</param>
/// <param name="Updated">Value of the training graph that it is set to by each training step; null where it is not.</param>
/// <param name="Values">Its elements at the start.</param>
internal sealed record OfficialParameter(string Name, IReadOnlyList<long> Shape, bool Trainable, string? Updated, float[] Values);
