using System.Runtime.InteropServices;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>Between singles and the bytes that carry them.</summary>
internal static class MemoryMarshalled
{
    public static float[] Floats(byte[] bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();

    public static byte[] Bytes(float[] values) => MemoryMarshal.AsBytes<float>(values).ToArray();
}
