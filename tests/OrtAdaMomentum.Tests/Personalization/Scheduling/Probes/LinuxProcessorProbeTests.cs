using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Probes;

public sealed class LinuxProcessorProbeTests : IDisposable
{
    private readonly LinuxTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Time_is_busy_unless_it_is_idle_or_waits_for_a_disk()
    {
        _tree.With("proc/stat", "cpu  100 20 30 4000 500 6 7 8 90 10\ncpu0 1 1 1 1 1 1 1 1 0 0\nintr 1 2 3");
        Assert.Equal(new ProcessorTimes(TimeSpan.FromSeconds(1.71), TimeSpan.FromSeconds(46.71)), Probe().ReadTimes());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("cpu")]
    [InlineData("cpu  1 2 3")]
    [InlineData("cpu  1 2 three 4 5 6 7")]
    [InlineData("cpu  1 2 -3 4 5 6 7")]
    [InlineData("cpu  9223372036854775807 2 3 4 5 6 7")]
    public void Malformed_times_are_unknown(string? content)
    {
        if (content is not null)
            _tree.With("proc/stat", content);
        Assert.Null(Probe().ReadTimes());
    }

    [Fact]
    public void Without_a_quota_the_process_may_use_what_its_affinity_leaves() => Assert.Equal(4, Probe().ReadLimit());

    [Theory]
    [InlineData("150000 100000", 1.5)]
    [InlineData("800000 100000", 4)]
    [InlineData("max 100000", 4)]
    [InlineData("", 4)]
    [InlineData("0 100000", 4)]
    [InlineData("150000 0", 4)]
    public void A_quota_of_version_2_limits_it(string quota, double limit)
    {
        _tree.With("proc/self/cgroup", "0::/system.slice/trainer.service").With("sys/fs/cgroup/system.slice/trainer.service/cpu.max", quota);
        Assert.Equal(limit, Probe().ReadLimit());
    }

    [Fact]
    public void The_quota_of_a_group_above_limits_it_too()
    {
        _tree.With("proc/self/cgroup", "0::/edge.slice/trainer.service")
            .With("sys/fs/cgroup/edge.slice/trainer.service/cpu.max", "300000 100000")
            .With("sys/fs/cgroup/edge.slice/cpu.max", "50000 100000");
        Assert.Equal(0.5, Probe().ReadLimit());
    }

    [Fact]
    public void A_quota_of_version_1_limits_it()
    {
        _tree.With("proc/self/cgroup", "3:memory:/docker/8f\n2:cpu,cpuacct:/docker/8f\n1:name=systemd:/docker/8f\n0::/")
            .With("sys/fs/cgroup/cpu,cpuacct/docker/8f", ("cpu.cfs_quota_us", "250000"), ("cpu.cfs_period_us", "100000"));
        Assert.Equal(2.5, Probe().ReadLimit());
    }

    [Fact]
    public void A_container_of_version_1_that_sees_its_own_files_at_the_top_is_limited_by_them()
    {
        _tree.With("proc/self/cgroup", "2:cpu,cpuacct:/docker/8f")
            .With("sys/fs/cgroup/cpu", ("cpu.cfs_quota_us", "100000"), ("cpu.cfs_period_us", "50000"));
        Assert.Equal(2, Probe().ReadLimit());
    }

    [Fact]
    public void No_quota_of_version_1_is_no_limit()
    {
        _tree.With("proc/self/cgroup", "1:cpu:/").With("sys/fs/cgroup/cpu", ("cpu.cfs_quota_us", "-1"), ("cpu.cfs_period_us", "100000"));
        Assert.Equal(4, Probe().ReadLimit());
    }

    private LinuxProcessorProbe Probe() => new(_tree.Files, processors: 4);
}
