namespace OrtAdaMomentum.Bench;

/// <summary>Something that a worker process does over and over.</summary>
internal interface IWorkload : IDisposable
{
    /// <summary>Does it once.</summary>
    /// <returns>Seconds that the optimizer took of it; 0 where there is none.</returns>
    double Run();

    /// <summary>Numbers that it trains; 0 where it trains nothing.</summary>
    long ParameterCount => 0;
}
