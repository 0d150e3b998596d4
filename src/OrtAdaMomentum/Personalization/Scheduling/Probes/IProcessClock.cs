namespace OrtAdaMomentum.Personalization;

/// <summary>Counts the processor time of this process.</summary>
internal interface IProcessClock
{
    TimeSpan ProcessorTime { get; }
}

/// <summary>As the system counts it.</summary>
internal sealed class ProcessClock : IProcessClock
{
    public TimeSpan ProcessorTime => Environment.CpuUsage.TotalTime;
}
