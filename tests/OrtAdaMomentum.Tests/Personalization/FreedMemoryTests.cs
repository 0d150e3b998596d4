using System.Runtime.InteropServices;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization;

public sealed unsafe class FreedMemoryTests
{
    private const int Blocks = 4096;
    private const int BytesOfBlock = 64 << 10;

    [Fact]
    public void What_native_code_has_freed_between_memory_in_use_goes_back_to_the_system()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out _), "Only glibc keeps what is freed.");
        nint[] blocks = new nint[Blocks];
        for (int number = 0; number < Blocks; number++)
        {
            blocks[number] = (nint)NativeMemory.Alloc(BytesOfBlock);
            new Span<byte>((void*)blocks[number], BytesOfBlock).Fill(1);
        }

        // The last one stays, so that the others are not at the end of the arena, which is given back by itself.
        foreach (nint block in blocks[..^1])
            NativeMemory.Free((void*)block);
        long kept = Environment.WorkingSet;
        FreedMemory.GiveBack();
        long left = Environment.WorkingSet;
        NativeMemory.Free((void*)blocks[^1]);

        // Half of the 256 MB, because other tests take memory meanwhile.
        Assert.InRange(kept - left, (long)Blocks * BytesOfBlock / 2, long.MaxValue);
    }
}
