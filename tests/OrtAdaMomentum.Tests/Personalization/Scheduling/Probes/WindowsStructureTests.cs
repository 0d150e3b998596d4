using System.Runtime.CompilerServices;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Probes;

#pragma warning disable CA1416 // Sizes are the same on every system.

/// <summary>Structures that Windows fills have to be as large as it takes them to be, which it checks for some only by a field in them.</summary>
public class WindowsStructureTests
{
    [Fact]
    public void They_have_the_sizes_of_a_process_of_64_bits()
    {
        Assert.SkipUnless(Environment.Is64BitProcess, "The sizes are those of 64 bits.");
        Assert.Equal(12, Unsafe.SizeOf<WindowsSystem.PowerStatus>());
        Assert.Equal(8, Unsafe.SizeOf<WindowsSystem.LastInput>());
        Assert.Equal(64, Unsafe.SizeOf<WindowsSystem.MemoryStatus>());
        Assert.Equal(144, Unsafe.SizeOf<WindowsSystem.JobLimits>());
        Assert.Equal(8, Unsafe.SizeOf<WindowsSystem.JobProcessorRate>());
    }
}
