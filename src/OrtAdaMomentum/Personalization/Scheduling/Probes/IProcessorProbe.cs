namespace OrtAdaMomentum.Personalization;

/// <summary>Tells how much the processors have been used and how many of them this process may use.</summary>
public interface IProcessorProbe
{
    /// <summary>Processor time of the whole machine since its start; null when it cannot be told. Does not throw.</summary>
    ProcessorTimes? ReadTimes();

    /// <summary>Processors that this process may use: those of the machine, or fewer by affinity or the quota of its container or job.</summary>
    double ReadLimit();
}

/// <summary>Processor time since some instant, added up over all processors.</summary>
/// <param name="Busy">In which they worked.</param>
/// <param name="Total">In which they worked or were idle.</param>
public readonly record struct ProcessorTimes(TimeSpan Busy, TimeSpan Total);
