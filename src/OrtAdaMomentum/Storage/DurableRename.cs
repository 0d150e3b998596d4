using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace OrtAdaMomentum.Storage;

/// <summary>Renames a file over another one so that the rename itself survives a power cut; .NET has no call for that.</summary>
internal static partial class DurableRename
{
    private const int InvalidArgument = 22;
    private const uint ReplaceExisting = 1;
    private const uint WriteThrough = 8;

    /// <summary>Puts <paramref name="source"/> in the place of <paramref name="target"/>, which need not exist.</summary>
    public static void Replace(string source, string target)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.Move(source, target, overwrite: true);
            return;
        }

        if (!MoveFileEx(source, target, ReplaceExisting | WriteThrough))
        {
            var error = new Win32Exception(Marshal.GetLastPInvokeError());
            throw new IOException($"Cannot put the new file in place at '{target}': {error.Message}", error);
        }
    }

    /// <summary>Brings the entries of a folder to the disk. On Windows the rename was written through, so nothing is left to do.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;

        int descriptor = Open(folder, OperatingSystem.IsLinux() ? 0x80000 : 0); // read only; on Linux closed on exec as well
        if (descriptor < 0)
            throw Failure("open", folder, Marshal.GetLastPInvokeError());
        try
        {
            // Some file systems (network ones) have no flush of folders and say "invalid argument": there is nothing to wait for.
            if (Fsync(descriptor) != 0 && Marshal.GetLastPInvokeError() is var error && error != InvalidArgument)
                throw Failure("flush", folder, error);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failure(string action, string folder, int error) =>
        new($"Cannot {action} the folder '{folder}': {Marshal.GetPInvokeErrorMessage(error)}", error);

    [UnsupportedOSPlatform("windows")]
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [UnsupportedOSPlatform("windows")]
    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [UnsupportedOSPlatform("windows")]
    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [SupportedOSPlatform("windows")]
    [LibraryImport("kernel32", EntryPoint = "MoveFileExW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool MoveFileEx(string source, string target, uint flags);
}
