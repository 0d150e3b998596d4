using static System.FormattableString;

namespace OrtAdaMomentum.Personalization;

/// <summary>When training may run. Each bound that is not given is not asked about.</summary>
public sealed class TrainingConditionOptions
{
    /// <summary>
    /// Minutes in which training may run, as cron expressions of five fields (minute, hour, day of the month, month, day of the week):
    /// <c>* 1-5 * * 1-5</c> is from one to six o'clock on workdays. One that matches is enough. Default: none, at any time.
    /// </summary>
    public IList<string> Window { get; } = [];

    /// <summary>Time zone of <see cref="Window"/>, such as <c>Europe/Berlin</c>. Default: that of the machine.</summary>
    public string? TimeZone { get; set; }

    /// <summary>For how long nobody must have used the machine. Default: not asked.</summary>
    public TimeSpan? MinimumIdle { get; set; }

    /// <summary>Whether the machine must not run on its battery. Default: no.</summary>
    public bool OnAcPower { get; set; }

    /// <summary>Charge in percent that a battery must have, 0 to 100, on a plug or not. Default: not asked.</summary>
    public double? MinimumBatteryPercent { get; set; }

    /// <summary>Degrees Celsius that the processor may have. Default: not asked.</summary>
    public double? MaximumTemperature { get; set; }

    /// <summary>Percent of the time in which some work may wait for a processor, 0 to 100; training's own work counts. Default: not asked.</summary>
    public double? MaximumCpuPressure { get; set; }

    /// <summary>Percent of the time in which some work may wait for memory, 0 to 100. Default: not asked.</summary>
    public double? MaximumMemoryPressure { get; set; }

    /// <summary>Percent of the time in which some work may wait for disks, 0 to 100. Default: not asked.</summary>
    public double? MaximumIoPressure { get; set; }

    /// <summary>Share of the machine's processors that other processes may take, 0 to 1. Default: not asked.</summary>
    public double? MaximumBusyShare { get; set; }

    /// <summary>Bytes of memory that must be left. Default: not asked.</summary>
    public long? MinimumFreeMemory { get; set; }

    /// <summary>Time from the end of a run to the start of the next one that nobody asked for. Default: none.</summary>
    public TimeSpan? MinimumInterval { get; set; }

    /// <summary>Whether training pauses when a condition that is asked about cannot be told. Default: no.</summary>
    public bool UnknownBlocks { get; set; }

    /// <summary>How often conditions are checked. Default: 5 seconds.</summary>
    public TimeSpan CheckInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the check of one condition may take. Default: 5 seconds.</summary>
    public TimeSpan CheckTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long all conditions must have been met again before training goes on, so that it does not flap. Default: 30 seconds.</summary>
    public TimeSpan ResumeAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a run keeps its memory while it pauses; then it goes on from its checkpoint. Default: 2 minutes.</summary>
    public TimeSpan ReleaseAfter { get; set; } = TimeSpan.FromMinutes(2);

    internal static void Check(List<string> problems, TrainingConditionOptions? options)
    {
        const string Prefix = "Conditions";
        if (options is null)
        {
            problems.Add($"{Prefix} must be given.");
            return;
        }

        for (int index = 0; index < options.Window.Count; index++)
        {
            if (CronExpression.TryParse(options.Window[index], out _, out string problem))
                continue;
            problems.Add($"{Prefix}:Window[{index}] must be a cron expression of five fields, was '{options.Window[index]}': {problem}");
        }

        if (options.TimeZone is { } zone && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            problems.Add($"{Prefix}:TimeZone must be a time zone that the machine knows, was '{zone}'.");
        Within(nameof(MinimumBatteryPercent), options.MinimumBatteryPercent, 0, 100);
        Within(nameof(MaximumTemperature), options.MaximumTemperature, 0, 150);
        Within(nameof(MaximumCpuPressure), options.MaximumCpuPressure, 0, 100);
        Within(nameof(MaximumMemoryPressure), options.MaximumMemoryPressure, 0, 100);
        Within(nameof(MaximumIoPressure), options.MaximumIoPressure, 0, 100);
        Within(nameof(MaximumBusyShare), options.MaximumBusyShare, 0, 1);
        if (options.MinimumFreeMemory < 0)
            problems.Add(Invariant($"{Prefix}:{nameof(MinimumFreeMemory)} must be at least 0, was {options.MinimumFreeMemory}."));
        Lasting(nameof(MinimumIdle), options.MinimumIdle, TimeSpan.Zero);
        Lasting(nameof(MinimumInterval), options.MinimumInterval, TimeSpan.Zero);
        Lasting(nameof(CheckInterval), options.CheckInterval, TimeSpan.FromMilliseconds(100));
        Lasting(nameof(CheckTimeout), options.CheckTimeout, TimeSpan.FromMilliseconds(100));
        Lasting(nameof(ResumeAfter), options.ResumeAfter, TimeSpan.Zero);
        Lasting(nameof(ReleaseAfter), options.ReleaseAfter, TimeSpan.Zero);

        void Within(string name, double? value, double least, double most)
        {
            if (value is { } number && !(number >= least && number <= most))
                problems.Add(Invariant($"{Prefix}:{name} must be at least {least} and at most {most}, was {number}."));
        }

        void Lasting(string name, TimeSpan? value, TimeSpan least)
        {
            // Timers take no more than some weeks; years of waiting are a mistake in any case.
            if (value is { } time && (time < least || time > TimeSpan.FromDays(31)))
                problems.Add($"{Prefix}:{name} must be at least {least} and at most 31 days, was {time}.");
        }
    }
}
