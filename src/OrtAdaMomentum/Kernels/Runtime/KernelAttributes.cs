using System.Runtime.InteropServices;

namespace OrtAdaMomentum.Kernels.Runtime;

/// <summary>Attributes of the node that a kernel is made for.</summary>
internal readonly unsafe ref struct KernelAttributes(void* info)
{
    private readonly void* _info = info;

    public long Integer(string name, long otherwise)
    {
        nint text = Marshal.StringToCoTaskMemUTF8(name);
        long value = RuntimeApi.IntegerAttribute(_info, (byte*)text) ?? otherwise;
        Marshal.FreeCoTaskMem(text);
        return value;
    }

    public float Number(string name, float otherwise)
    {
        nint text = Marshal.StringToCoTaskMemUTF8(name);
        float value = RuntimeApi.FloatAttribute(_info, (byte*)text) ?? otherwise;
        Marshal.FreeCoTaskMem(text);
        return value;
    }

    /// <summary>Null where the node has no such attribute.</summary>
    public long[]? Integers(string name)
    {
        nint text = Marshal.StringToCoTaskMemUTF8(name);
        long[]? values = RuntimeApi.IntegersAttribute(_info, (byte*)text);
        Marshal.FreeCoTaskMem(text);
        return values;
    }
}
