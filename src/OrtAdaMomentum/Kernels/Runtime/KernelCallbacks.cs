using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrtAdaMomentum.Kernels.Runtime;

/// <summary>What ONNX Runtime calls. No exception may leave these: it becomes the status of the run.</summary>
internal static unsafe class KernelCallbacks
{
    private const int Required = 0, Optional = 1;

    // Where the place of the first input stands; an output takes its memory over when nobody reads the input later.
    private static readonly int* _zero = (int*)NativeMemory.AllocZeroed(sizeof(int));

    /// <summary>Fills in everything but name and index.</summary>
    public static void Fill(CustomOperator* custom, bool inPlace)
    {
        custom->Version = RuntimeApi.Version;
        custom->GetName = &Name;
        custom->GetExecutionProviderType = &Processor;
        custom->GetInputType = &InputType;
        custom->GetInputTypeCount = &InputCount;
        custom->GetOutputType = &OutputType;
        custom->GetOutputTypeCount = &OutputCount;
        custom->GetInputCharacteristic = &InputCharacteristic;
        custom->GetOutputCharacteristic = &OutputCharacteristic;
        custom->GetInputMemoryType = &DefaultMemory;
        custom->GetVariadicInputMinArity = &One;
        custom->GetVariadicInputHomogeneity = &One;
        custom->GetVariadicOutputMinArity = &One;
        custom->GetVariadicOutputHomogeneity = &One;
        custom->CreateKernel = &Create;
        custom->Compute = &Compute;
        custom->DestroyKernel = &Destroy;
        custom->GetStartVersion = &One;
        custom->GetEndVersion = &Last;
        if (inPlace)
        {
            custom->GetMayInplace = &FirstForFirst;
            custom->ReleaseMayInplace = &Keep;
        }
    }

    private static KernelDefinition Definition(CustomOperator* custom) => KernelRegistry.All[custom->Index];

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* Name(CustomOperator* custom) => custom->Name;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* Processor(CustomOperator* custom) => null;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int InputType(CustomOperator* custom, nuint index) => (int)Definition(custom).Inputs[(int)index];

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nuint InputCount(CustomOperator* custom) => (nuint)Definition(custom).Inputs.Count;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OutputType(CustomOperator* custom, nuint index) => (int)Definition(custom).Outputs[(int)index];

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nuint OutputCount(CustomOperator* custom) => (nuint)Definition(custom).Outputs.Count;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int InputCharacteristic(CustomOperator* custom, nuint index) =>
        (int)index < Definition(custom).RequiredInputs ? Required : Optional;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OutputCharacteristic(CustomOperator* custom, nuint index) => Optional;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int DefaultMemory(CustomOperator* custom, nuint index) => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int One(CustomOperator* custom) => 1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Last(CustomOperator* custom) => int.MaxValue;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nuint FirstForFirst(int** inputs, int** outputs)
    {
        *inputs = _zero;
        *outputs = _zero;
        return 1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Keep(int* inputs, int* outputs)
    {
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Create(CustomOperator* custom, void** api, void* info, void** kernel)
    {
        try
        {
            var made = Definition(custom).Create(new KernelAttributes(info));
            *kernel = (void*)GCHandle.ToIntPtr(GCHandle.Alloc(made));
            return null;
        }
        catch (Exception problem)
        {
            return RuntimeApi.CreateStatus($"{Definition(custom).Name}: {problem.Message}");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Compute(void* kernel, void* context)
    {
        try
        {
            Unsafe.As<Kernel>(GCHandle.FromIntPtr((nint)kernel).Target!).Compute(new KernelContext(context));
            return null;
        }
        catch (Exception problem)
        {
            return RuntimeApi.CreateStatus(problem.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Destroy(void* kernel)
    {
        var handle = GCHandle.FromIntPtr((nint)kernel);
        ((Kernel)handle.Target!).Dispose();
        handle.Free();
    }
}
