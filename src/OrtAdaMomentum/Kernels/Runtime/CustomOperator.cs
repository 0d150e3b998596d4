using System.Runtime.InteropServices;

namespace OrtAdaMomentum.Kernels.Runtime;

/// <summary>
/// An operator as ONNX Runtime's C API takes it (<c>OrtCustomOp</c>): functions that tell what it is, and those that compute. The fields behind
/// these are our own; the runtime hands back the address of the whole.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CustomOperator
{
    public uint Version;
    public delegate* unmanaged[Cdecl]<void> CreateKernelOld;
    public delegate* unmanaged[Cdecl]<CustomOperator*, byte*> GetName;
    public delegate* unmanaged[Cdecl]<CustomOperator*, byte*> GetExecutionProviderType;
    public delegate* unmanaged[Cdecl]<CustomOperator*, nuint, int> GetInputType;
    public delegate* unmanaged[Cdecl]<CustomOperator*, nuint> GetInputTypeCount;
    public delegate* unmanaged[Cdecl]<CustomOperator*, nuint, int> GetOutputType;
    public delegate* unmanaged[Cdecl]<CustomOperator*, nuint> GetOutputTypeCount;
    public delegate* unmanaged[Cdecl]<void> ComputeOld;
    public delegate* unmanaged[Cdecl]<void*, void> DestroyKernel;
    public delegate* unmanaged[Cdecl]<CustomOperator*, nuint, int> GetInputCharacteristic;
    public delegate* unmanaged[Cdecl]<CustomOperator*, nuint, int> GetOutputCharacteristic;
    public delegate* unmanaged[Cdecl]<CustomOperator*, nuint, int> GetInputMemoryType;
    public delegate* unmanaged[Cdecl]<CustomOperator*, int> GetVariadicInputMinArity;
    public delegate* unmanaged[Cdecl]<CustomOperator*, int> GetVariadicInputHomogeneity;
    public delegate* unmanaged[Cdecl]<CustomOperator*, int> GetVariadicOutputMinArity;
    public delegate* unmanaged[Cdecl]<CustomOperator*, int> GetVariadicOutputHomogeneity;
    public delegate* unmanaged[Cdecl]<CustomOperator*, void**, void*, void**, void*> CreateKernel;
    public delegate* unmanaged[Cdecl]<void*, void*, void*> Compute;
    public delegate* unmanaged[Cdecl]<CustomOperator*, void*, void*> InferOutputShape;
    public delegate* unmanaged[Cdecl]<CustomOperator*, int> GetStartVersion;
    public delegate* unmanaged[Cdecl]<CustomOperator*, int> GetEndVersion;
    public delegate* unmanaged[Cdecl]<int**, int**, nuint> GetMayInplace;
    public delegate* unmanaged[Cdecl]<int*, int*, void> ReleaseMayInplace;
    public delegate* unmanaged[Cdecl]<int**, int**, nuint> GetAliasMap;
    public delegate* unmanaged[Cdecl]<int*, int*, void> ReleaseAliasMap;

    public byte* Name;
    public int Index;
}
