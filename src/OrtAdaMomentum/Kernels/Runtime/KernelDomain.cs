using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Kernels.Runtime;

/// <summary>The kernels as a domain of operators that sessions can be given. It is made once, and stays as long as the process.</summary>
internal static unsafe class KernelDomain
{
    private static readonly Lazy<nint> _domain = new(Create);

    /// <summary>Whether the native library takes operators of ours.</summary>
    public static bool IsThere => RuntimeApi.IsThere;

    /// <summary>Lets sessions that are opened with these options run nodes of the domain.</summary>
    public static void AddTo(SessionOptions options) => RuntimeApi.AddDomain(options, (void*)_domain.Value);

    private static nint Create()
    {
        void* domain = RuntimeApi.CreateDomain((byte*)Marshal.StringToCoTaskMemUTF8(OnnxDomains.Kernels));
        for (int index = 0; index < KernelRegistry.All.Count; index++)
        {
            var definition = KernelRegistry.All[index];
            var custom = (CustomOperator*)NativeMemory.AllocZeroed((nuint)sizeof(CustomOperator));
            custom->Name = (byte*)Marshal.StringToCoTaskMemUTF8(definition.Name);
            custom->Index = index;
            KernelCallbacks.Fill(custom, definition.InPlace);
            RuntimeApi.AddOperator(domain, custom);
        }

        return (nint)domain;
    }
}
