using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Probes;

public sealed class LinuxMemoryProbeTests : IDisposable
{
    private const string MemoryOfMachine = "MemTotal:       16384000 kB\nMemFree:         1000000 kB\nMemAvailable:    8000000 kB\nBuffers:  5 kB";

    private readonly LinuxTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void What_is_available_counts_not_what_is_free()
    {
        _tree.With("proc/meminfo", MemoryOfMachine);
        Assert.Equal(8_000_000L * 1024, Read());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("MemAvailable:")]
    [InlineData("MemAvailable: kB")]
    [InlineData("MemAvailable: much kB")]
    [InlineData("MemAvailable: -5 kB")]
    [InlineData("MemAvailable: 9223372036854775807 kB")]
    public void Malformed_memory_is_unknown(string? content)
    {
        if (content is not null)
            _tree.With("proc/meminfo", content);
        Assert.Null(Read());
    }

    [Fact]
    public void The_limit_of_a_container_leaves_less_but_files_that_were_not_used_lately_can_be_given_back()
    {
        _tree.With("proc/meminfo", MemoryOfMachine).With("proc/self/cgroup", "0::/");
        _tree.With("sys/fs/cgroup", ("memory.max", "1000000"), ("memory.current", "700000"), ("memory.stat", "anon 400000\ninactive_file 200000\nactive_file 5"));
        Assert.Equal(500_000, Read());
    }

    [Fact]
    public void A_limit_that_is_passed_leaves_nothing()
    {
        _tree.With("proc/meminfo", MemoryOfMachine).With("proc/self/cgroup", "0::/a");
        _tree.With("sys/fs/cgroup/a", ("memory.max", "1000000"), ("memory.current", "1200000"));
        Assert.Equal(0, Read());
    }

    [Fact]
    public void No_limit_of_version_2_leaves_what_the_machine_has()
    {
        _tree.With("proc/meminfo", MemoryOfMachine).With("proc/self/cgroup", "0::/a");
        _tree.With("sys/fs/cgroup/a", ("memory.max", "max"), ("memory.current", "1200000"));
        Assert.Equal(8_000_000L * 1024, Read());
    }

    [Fact]
    public void Limits_of_version_1_are_read_and_its_number_for_none_is_none()
    {
        _tree.With("proc/meminfo", MemoryOfMachine).With("proc/self/cgroup", "4:memory:/edge/trainer\n0::/edge/trainer");
        _tree.With("sys/fs/cgroup/memory", ("memory.limit_in_bytes", "9223372036854771712"), ("memory.usage_in_bytes", "5"));
        _tree.With("sys/fs/cgroup/memory/edge/trainer", ("memory.limit_in_bytes", "9223372036854771712"), ("memory.usage_in_bytes", "5"));
        Assert.Equal(8_000_000L * 1024, Read());

        _tree.With(
            "sys/fs/cgroup/memory/edge",
            ("memory.limit_in_bytes", "2000000"), ("memory.usage_in_bytes", "900000"), ("memory.stat", "inactive_file 1\ntotal_inactive_file 100000"));
        Assert.Equal(1_200_000, Read());
    }

    private long? Read() => new LinuxMemoryProbe(_tree.Files).ReadAvailableBytes();
}
