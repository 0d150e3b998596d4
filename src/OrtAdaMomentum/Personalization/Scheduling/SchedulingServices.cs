using Microsoft.Extensions.DependencyInjection;

namespace OrtAdaMomentum.Personalization;

/// <summary>Puts the scheduling of a model's training together.</summary>
internal static class SchedulingServices
{
    public static void AddTo(IServiceCollection services, string name)
    {
        SystemProbes.AddTo(services);
        ModelParts.Add(services, name, static parts => new ConditionChecker(
            Conditions(parts), Options(parts), parts.Time, parts.Logger<ConditionChecker>()));
        ModelParts.Add(services, name, static parts => new TrainingPermit(
            parts.Get<ConditionChecker>(),
            new ManualPauseFile(parts.Options.DataDirectory),
            Options(parts),
            parts.Get<FineTuningMonitor>().MayTrain,
            parts.Time,
            parts.Logger<TrainingPermit>()));
        ModelParts.Add(services, name, static parts => new TrainingHold(
            parts.Get<TrainingPermit>(),
            Options(parts),
            parts.Get<FineTuningMonitor>(),
            parts.Get<FineTuningMetrics>(),
            parts.Time,
            parts.Logger<TrainingHold>()));
        ModelParts.Add(services, name, static parts =>
        {
            var current = parts.Get<CurrentOptions>();
            return new TrainingPace(
                parts.Get<TrainingHold>(),
                () => current.Value.Budget,
                parts.Provider.GetRequiredService<IProcessorProbe>(),
                parts.Provider.GetRequiredService<IProcessClock>(),
                parts.Time);
        });
        ModelParts.Add(services, name, static parts => new MemoryBudget(parts.Provider.GetRequiredService<IMemoryProbe>()));
        ModelParts.Add(services, name, static parts => new TrainingSchedule(
            parts.Get<TrainingPermit>(), parts.Get<TrainingHold>(), new RunInterval(Options(parts), parts.Time)));
    }

    private static IReadOnlyList<ITrainingCondition> Conditions(ModelParts parts)
    {
        var provider = parts.Provider;
        var ofMachine = new MachineConditions(
            Options(parts),
            provider.GetRequiredService<IPowerProbe>(),
            provider.GetRequiredService<ITemperatureProbe>(),
            provider.GetRequiredService<IPressureProbe>(),
            provider.GetRequiredService<IMemoryProbe>(),
            provider.GetRequiredService<IUserIdleProbe>(),
            new BusyShareMeter(provider.GetRequiredService<IProcessorProbe>(), provider.GetRequiredService<IProcessClock>()));
        return
        [
            new WindowCondition(Options(parts), parts.Time),
            .. ofMachine.All(),
            .. provider.GetKeyedServices<ITrainingCondition>(parts.Name),
        ];
    }

    private static Func<TrainingConditionOptions> Options(ModelParts parts)
    {
        var current = parts.Get<CurrentOptions>();
        return () => current.Value.Conditions;
    }
}
