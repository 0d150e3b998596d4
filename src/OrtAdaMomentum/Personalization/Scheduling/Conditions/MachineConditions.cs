using static System.FormattableString;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The conditions of <see cref="TrainingConditionOptions"/> that are about the machine. The options are read at every check, so that a change
/// of them holds from the next one on.
/// </summary>
internal sealed class MachineConditions(
    Func<TrainingConditionOptions> options,
    IPowerProbe power,
    ITemperatureProbe temperature,
    IPressureProbe pressure,
    IMemoryProbe memory,
    IUserIdleProbe idle,
    BusyShareMeter busy)
{
    public IEnumerable<ITrainingCondition> All() =>
    [
        new DelegateCondition("idle", Idle),
        new DelegateCondition("power", Power),
        new DelegateCondition("battery", Battery),
        new DelegateCondition("temperature", Temperature),
        new DelegateCondition("cpu-pressure", () => Pressure(PressureKind.Cpu, options().MaximumCpuPressure, "a processor")),
        new DelegateCondition("memory-pressure", () => Pressure(PressureKind.Memory, options().MaximumMemoryPressure, "memory")),
        new DelegateCondition("io-pressure", () => Pressure(PressureKind.Io, options().MaximumIoPressure, "disks")),
        new DelegateCondition("busy", Busy),
        new DelegateCondition("memory", Memory),
    ];

    private ConditionResult Idle()
    {
        if (options().MinimumIdle is not { } least)
            return ConditionResult.Met;
        if (idle.Read() is not { } now)
            return ConditionResult.Unknown("it is not known when the machine was used last");
        if (now.Time < least)
            return ConditionResult.NotMet(Invariant($"the machine was used {now.Time:d\\.hh\\:mm\\:ss} ago, less than {least}"));
        return now.MayBeLess ? ConditionResult.Unknown("a graphical session does not show when it was used last") : ConditionResult.Met;
    }

    private ConditionResult Power()
    {
        if (!options().OnAcPower)
            return ConditionResult.Met;
        return power.Read()?.OnAcPower switch
        {
            true => ConditionResult.Met,
            false => ConditionResult.NotMet("the machine runs on its battery"),
            null => ConditionResult.Unknown("it is not known whether the machine runs on its battery"),
        };
    }

    private ConditionResult Battery()
    {
        if (options().MinimumBatteryPercent is not { } least)
            return ConditionResult.Met;
        return power.Read() switch
        {
            { HasBattery: false, OnAcPower: true } => ConditionResult.Met,
            { BatteryPercent: { } percent } => percent >= least
                ? ConditionResult.Met
                : ConditionResult.NotMet(Invariant($"the battery is at {percent:0} %, less than {least:0.#} %")),
            _ => ConditionResult.Unknown("the charge of the battery is not known"),
        };
    }

    private ConditionResult Temperature()
    {
        if (options().MaximumTemperature is not { } most)
            return ConditionResult.Met;
        if (temperature.ReadCelsius() is not { } celsius)
            return ConditionResult.Unknown("the temperature of the processor is not known");
        return celsius <= most
            ? ConditionResult.Met
            : ConditionResult.NotMet(Invariant($"the processor has {celsius:0.#} °C, more than {most:0.#} °C"));
    }

    private ConditionResult Pressure(PressureKind kind, double? bound, string resource)
    {
        if (bound is not { } most)
            return ConditionResult.Met;
        if (pressure.ReadPercent(kind) is not { } percent)
            return ConditionResult.Unknown($"it is not known how long work waits for {resource}");
        return percent <= most
            ? ConditionResult.Met
            : ConditionResult.NotMet(Invariant($"work waits for {resource} in {percent:0.#} % of the time, more than {most:0.#} %"));
    }

    private ConditionResult Busy()
    {
        if (options().MaximumBusyShare is not { } most)
        {
            busy.Forget();
            return ConditionResult.Met;
        }

        var measured = busy.Measure();
        if (measured.IsFirst)
            return ConditionResult.NotMet("what other processes take of the processors is being measured");
        if (measured.Share is not { } share)
            return ConditionResult.Unknown("it is not known what other processes take of the processors");
        return share <= most
            ? ConditionResult.Met
            : ConditionResult.NotMet(Invariant($"other processes take {share:0.00} of the processors, more than {most:0.##}"));
    }

    private ConditionResult Memory()
    {
        if (options().MinimumFreeMemory is not { } least)
            return ConditionResult.Met;
        if (memory.ReadAvailableBytes() is not { } bytes)
            return ConditionResult.Unknown("it is not known how much memory is left");
        return bytes >= least
            ? ConditionResult.Met
            : ConditionResult.NotMet(Invariant($"{bytes / 1e6:0} MB of memory are left, less than {least / 1e6:0} MB"));
    }
}
