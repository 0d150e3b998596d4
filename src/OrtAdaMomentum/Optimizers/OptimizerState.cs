namespace OrtAdaMomentum.Optimizers;

/// <summary>One state that an optimizer keeps for every parameter, to be saved with a checkpoint and filled when resuming.</summary>
/// <param name="Name">"first_moment", "second_moment", "max_second_moment" or "momentum".</param>
/// <param name="Buffer">The state, in the parameters' layout. Owned by the optimizer.</param>
public sealed record OptimizerState(string Name, FlatBuffer Buffer);
