using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OrtAdaMomentum.Kernels.Runtime;

/// <summary>
/// ONNX Runtime's table of C functions, as far as its managed package leaves them out. Entries are only ever added at the end of the table, so
/// that a place in it stays what it is; the names and places are those of <c>onnxruntime_c_api.h</c>.
/// </summary>
internal static unsafe partial class RuntimeApi
{
    /// <summary>The first version whose table and structure of an operator hold all that is used here.</summary>
    public const int Version = 19;

    private static readonly void** _table = Open();

    /// <summary>Whether the native library is there and new enough.</summary>
    public static bool IsThere => _table != null;

    public static void* CreateStatus(string message)
    {
        nint text = Marshal.StringToCoTaskMemUTF8(message);
        const int Failed = 1;
        void* status = ((delegate* unmanaged[Cdecl]<int, byte*, void*>)_table[0])(Failed, (byte*)text);
        Marshal.FreeCoTaskMem(text);
        return status;
    }

    public static void* CreateDomain(byte* name)
    {
        void* domain;
        Check(((delegate* unmanaged[Cdecl]<byte*, void**, void*>)_table[26])(name, &domain));
        return domain;
    }

    public static void AddOperator(void* domain, CustomOperator* custom) =>
        Check(((delegate* unmanaged[Cdecl]<void*, CustomOperator*, void*>)_table[27])(domain, custom));

    public static void AddDomain(SessionOptions options, void* domain) =>
        Check(((delegate* unmanaged[Cdecl]<void*, void*, void*>)_table[28])((void*)options.DangerousGetHandle(), domain));

    /// <summary>Null where the node has no such attribute.</summary>
    public static float? FloatAttribute(void* info, byte* name)
    {
        float value;
        return Succeeds(((delegate* unmanaged[Cdecl]<void*, byte*, float*, void*>)_table[85])(info, name, &value)) ? value : null;
    }

    /// <summary>Null where the node has no such attribute.</summary>
    public static long? IntegerAttribute(void* info, byte* name)
    {
        long value;
        return Succeeds(((delegate* unmanaged[Cdecl]<void*, byte*, long*, void*>)_table[86])(info, name, &value)) ? value : null;
    }

    /// <summary>Null where the node has no such attribute.</summary>
    public static long[]? IntegersAttribute(void* info, byte* name)
    {
        var get = (delegate* unmanaged[Cdecl]<void*, byte*, long*, nuint*, void*>)_table[163];
        nuint count = 0;
        if (!Succeeds(get(info, name, null, &count)))
            return null;
        var values = new long[(int)count];
        fixed (long* at = values)
            Check(get(info, name, at, &count));
        return values;
    }

    /// <summary>The value that a node takes in; null where it takes none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* Input(void* context, int index)
    {
        void* value;
        Check(((delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nuint, void**, void*>)_table[90])(context, (nuint)index, &value));
        return value;
    }

    /// <summary>Has the memory of an output made; null where nobody reads it.</summary>
    public static void* Output(void* context, int index, ReadOnlySpan<long> shape)
    {
        void* value;
        fixed (long* extents = shape)
        {
            // Memory may have to be asked of the system, which takes its time: the garbage collector must not wait for that.
            Check(((delegate* unmanaged[Cdecl]<void*, nuint, long*, nuint, void**, void*>)_table[91])(
                context, (nuint)index, extents, (nuint)shape.Length, &value));
        }

        return value;
    }

    public static int InputCount(void* context)
    {
        nuint count;
        Check(((delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nuint*, void*>)_table[88])(context, &count));
        return (int)count;
    }

    public static int OutputCount(void* context)
    {
        nuint count;
        Check(((delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nuint*, void*>)_table[89])(context, &count));
        return (int)count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* Data(void* value)
    {
        void* data;
        Check(((delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void**, void*>)_table[51])(value, &data));
        return data;
    }

    /// <summary>Writes a tensor's extents.</summary>
    /// <returns>How many there are.</returns>
    public static int Shape(void* value, Span<long> extents)
    {
        void* info;
        Check(((delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void**, void*>)_table[65])(value, &info));
        nuint rank;
        Check(((delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nuint*, void*>)_table[61])(info, &rank));
        if ((int)rank > extents.Length)
            throw new NotSupportedException($"A kernel takes tensors of up to {extents.Length} axes, not {rank}.");
        fixed (long* at = extents)
            Check(((delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, long*, nuint, void*>)_table[62])(info, at, rank));
        ((delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void>)_table[99])(info);
        return (int)rank;
    }

    public static void ParallelFor(void* context, delegate* unmanaged[Cdecl]<void*, nuint, void> body, int count, void* state) =>
        Check(((delegate* unmanaged[Cdecl]<void*, delegate* unmanaged[Cdecl]<void*, nuint, void>, nuint, nuint, void*, void*>)_table[274])(
            context, body, (nuint)count, 0, state));

    /// <summary>Has sessions that are opened with these options ask for their threads.</summary>
    /// <param name="options">The options.</param>
    /// <param name="state">Handed to <paramref name="create"/>.</param>
    /// <param name="create">Makes a thread that calls the second argument with the third, and gives a handle to it.</param>
    /// <param name="join">Waits for the end of the thread of a handle.</param>
    public static void SetThreads(
        SessionOptions options,
        void* state,
        delegate* unmanaged[Cdecl]<void*, delegate* unmanaged[Cdecl]<void*, void>, void*, void*> create,
        delegate* unmanaged[Cdecl]<void*, void> join)
    {
        void* target = (void*)options.DangerousGetHandle();
        Check(((delegate* unmanaged[Cdecl]<void*, void*, void*>)_table[196])(target, create));
        Check(((delegate* unmanaged[Cdecl]<void*, void*, void*>)_table[197])(target, state));
        Check(((delegate* unmanaged[Cdecl]<void*, void*, void*>)_table[198])(target, join));
    }

    private static bool Succeeds(void* status)
    {
        if (status == null)
            return true;
        Release(status);
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Check(void* status)
    {
        if (status != null)
            Throw(status);
    }

    private static void Throw(void* status)
    {
        byte* text = ((delegate* unmanaged[Cdecl]<void*, byte*>)_table[2])(status);
        string message = Marshal.PtrToStringUTF8((nint)text) ?? string.Empty;
        Release(status);
        throw new FineTuningException($"ONNX Runtime: {message}");
    }

    private static void Release(void* status) => ((delegate* unmanaged[Cdecl]<void*, void>)_table[93])(status);

    private static void** Open()
    {
        try
        {
            // Has the managed package load the native library, wherever it finds it.
            using var loaded = new SessionOptions();
            // The first entry gives the table of a version, or nothing when the library is older.
            void** start = GetApiBase();
            return start == null ? null : ((delegate* unmanaged[Cdecl]<uint, void**>)start[0])(Version);
        }
        catch (Exception problem) when (problem is DllNotFoundException or EntryPointNotFoundException or TypeInitializationException)
        {
            return null;
        }
    }

    [LibraryImport("onnxruntime", EntryPoint = "OrtGetApiBase")]
    private static partial void** GetApiBase();
}
