namespace OrtAdaMomentum.Personalization;

/// <summary>Tells how much the machine's work waits for a resource.</summary>
public interface IPressureProbe
{
    /// <summary>
    /// Share of the last ten seconds in which some work waited for the resource, 0 to 100; null when it cannot be told. Does not throw.
    /// </summary>
    double? ReadPercent(PressureKind kind);
}

/// <summary>A resource that work may wait for.</summary>
public enum PressureKind
{
    /// <summary>Processors.</summary>
    Cpu,

    /// <summary>Memory.</summary>
    Memory,

    /// <summary>Disks.</summary>
    Io,
}
