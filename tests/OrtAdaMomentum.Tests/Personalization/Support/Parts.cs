using Microsoft.Extensions.Logging.Testing;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Support;

/// <summary>Parts of the service for tests that need no host.</summary>
internal static class Parts
{
    public static CurrentOptions Options(int queueCapacity = 1024, long queueCapacityBytes = 64L << 20) =>
        new(new FineTuningServiceOptions { QueueCapacity = queueCapacity, QueueCapacityBytes = queueCapacityBytes });

    public static FineTuningProblems Problems(TimeProvider time) => new(time, new FakeLogger<FineTuningProblems>());

    public static FineTuningMonitor Monitor(TimeProvider time) => new(Problems(time), Drift(time: time), time);

    /// <summary>A drift monitor that measures nothing, because no schema is given to it.</summary>
    public static DriftMonitor Drift(FineTuningMetrics? metrics = null, TimeProvider? time = null) =>
        new(Options(), metrics ?? new FineTuningMetrics(), time ?? TimeProvider.System, new FakeLogger<DriftMonitor>());
}
