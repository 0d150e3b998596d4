using Microsoft.Extensions.Logging.Abstractions;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Bench.Service;

/// <summary>The parts of the service that train and keep to a share, without the rest.</summary>
internal sealed class ShareParts
{
    public ShareParts(FineTuningServiceOptions options)
    {
        var time = TimeProvider.System;
        var current = new CurrentOptions(options);
        var metrics = new FineTuningMetrics();
        var monitor = new FineTuningMonitor(
            new FineTuningProblems(time, NullLogger<FineTuningProblems>.Instance),
            new DriftMonitor(current, metrics, time, NullLogger<DriftMonitor>.Instance),
            time);
        Permit = new TrainingPermit(
            new ConditionChecker([], () => options.Conditions, time, NullLogger.Instance),
            new ManualPauseFile(options.DataDirectory),
            () => options.Conditions,
            monitor.MayTrain,
            time,
            NullLogger<TrainingPermit>.Instance);
        var hold = new TrainingHold(Permit, () => options.Conditions, monitor, metrics, time, NullLogger<TrainingHold>.Instance);
        IProcessorProbe processors = OperatingSystem.IsLinux() ? new LinuxProcessorProbe(new LinuxFiles("/"), Environment.ProcessorCount) : new UnknownProbes();
        Pace = new TrainingPace(hold, () => options.Budget, processors, new ProcessClock(), time);
        Engine = new TrainingEngine(current, time, Pace);
    }

    public TrainingPermit Permit { get; }

    public TrainingPace Pace { get; }

    public TrainingEngine Engine { get; }
}
