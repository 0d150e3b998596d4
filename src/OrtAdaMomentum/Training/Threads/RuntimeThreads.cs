using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Training;

/// <summary>Makes the threads that ONNX Runtime asks for, instead of letting it make them.</summary>
/// <param name="run">Carries a thread's life out, which it gets as an argument.</param>
internal sealed unsafe class RuntimeThreads(Action<Action> run) : IDisposable
{
    private readonly Action<Action> _run = run;
    private GCHandle _self;

    /// <summary>Has sessions that are opened with these options ask here. They have to be disposed before this is.</summary>
    public void AddTo(SessionOptions options)
    {
        if (!RuntimeApi.IsThere)
            return;
        if (!_self.IsAllocated)
            _self = GCHandle.Alloc(this);
        RuntimeApi.SetThreads(options, (void*)GCHandle.ToIntPtr(_self), &Create, &Join);
    }

    public void Dispose()
    {
        if (_self.IsAllocated)
            _self.Free();
    }

    /// <summary>Gives the runtime a thread that runs its worker; null where it cannot be made, which the runtime reports.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Create(void* self, delegate* unmanaged[Cdecl]<void*, void> worker, void* parameter)
    {
        try
        {
            var owner = (RuntimeThreads)GCHandle.FromIntPtr((nint)self).Target!;
            var thread = new Thread(() => owner._run(() => worker(parameter))) { IsBackground = true, Name = "Training compute" };
            thread.Start();
            return (void*)GCHandle.ToIntPtr(GCHandle.Alloc(thread));
        }
#pragma warning disable CA1031 // No exception may pass the runtime's frames.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Join(void* thread)
    {
        var handle = GCHandle.FromIntPtr((nint)thread);
        ((Thread)handle.Target!).Join();
        handle.Free();
    }
}
