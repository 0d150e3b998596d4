using System.Globalization;

namespace OrtAdaMomentum.Personalization;

/// <summary>What training may take of the machine while it runs.</summary>
public sealed class TrainingBudgetOptions
{
    /// <summary>
    /// Share of the processors that this process may use, greater than 0 and at most 1: with 0.25 of four processors training takes one processor's time,
    /// however many threads it has. Held by pauses between steps. Default: 1, no limit.
    /// </summary>
    public double CpuShare { get; set; } = 1;

    /// <summary>
    /// Bytes that training may take beside what the service takes anyway, by an estimate that is made before a run. Default: what is left on the machine.
    /// </summary>
    public long? MaximumMemory { get; set; }

    /// <summary>Whether threads of training give way to those of serving and of other processes. Default: yes.</summary>
    public bool LowPriority { get; set; } = true;

    internal static void Check(List<string> problems, TrainingBudgetOptions? options)
    {
        if (options is null)
        {
            problems.Add("Budget must be given.");
            return;
        }

        if (options.CpuShare is not (> 0 and <= 1))
            problems.Add($"Budget:CpuShare must be greater than 0 and at most 1, was {options.CpuShare.ToString(CultureInfo.InvariantCulture)}.");
        if (options.MaximumMemory < 1)
            problems.Add($"Budget:MaximumMemory must be at least 1, was {options.MaximumMemory?.ToString(CultureInfo.InvariantCulture)}.");
    }
}
