namespace OrtAdaMomentum.Personalization;

/// <summary>Tells for how long nobody has used the machine.</summary>
public interface IUserIdleProbe
{
    /// <summary>The state of now; null when it cannot be told. Does not throw.</summary>
    UserIdle? Read();
}

/// <summary>For how long nobody has used a machine.</summary>
/// <param name="Time">How long; <see cref="TimeSpan.MaxValue"/> where there is nothing to use it with.</param>
/// <param name="MayBeLess">Whether it may have been used in a way that is not seen, so that the time is only the longest possible.</param>
public readonly record struct UserIdle(TimeSpan Time, bool MayBeLess = false);
