namespace OrtAdaMomentum.Tools.Service;

/// <summary>Asks a service to pause training.</summary>
internal sealed record PauseRequest(string Reason);

/// <summary>What a service says is wrong (RFC 9457).</summary>
internal sealed record ProblemAnswer(string? Detail);
