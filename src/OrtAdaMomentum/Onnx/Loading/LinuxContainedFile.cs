using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace OrtAdaMomentum.Onnx.Loading;

/// <summary>
/// Opens a file below a folder one path segment at a time, each relative to the folder just opened and never through a link. So
/// nobody can exchange a folder for a link between a check and the opening.
/// </summary>
[SupportedOSPlatform("linux")]
internal static partial class LinuxContainedFile
{
    private const int ReadOnly = 0;
    private const int NonBlocking = 0x800; // a named pipe must not hang us; regular files ignore it
    private const int CloseOnExec = 0x80000;
    private const int TooManyLinks = 40; // ELOOP: the segment is a link
    private const int NotAFolder = 20; // ENOTDIR: a link is also reported so when a folder was asked for
    private const int NoSuchFile = 2;
    private const int EmptyPath = 0x1000;
    private const uint WantTypeAndLinks = 0x1 | 0x4;

    // These two differ between processor families, unlike the others.
    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;
    private static readonly int Folder = IsArm ? 0x4000 : 0x10000;
    private static readonly int NoFollow = IsArm ? 0x8000 : 0x20000;

    public static SafeFileHandle Open(string folder, string[] segments, string path)
    {
        // The folder itself is the user's own word and may be a link.
        SafeFileHandle current = Check(OpenAt(AtWorkingFolder, folder, ReadOnly | Folder | CloseOnExec), path);
        for (int index = 0; index < segments.Length; index++)
        {
            bool last = index == segments.Length - 1;
            int flags = ReadOnly | NoFollow | CloseOnExec | (last ? NonBlocking : Folder);
            using SafeFileHandle parent = current;
            current = Check(OpenAt((int)parent.DangerousGetHandle(), segments[index], flags), path);
        }

        try
        {
            RequireRegularFile(current, path);
            return current;
        }
        catch
        {
            current.Dispose();
            throw;
        }
    }

    private const int AtWorkingFolder = -100;

    private static SafeFileHandle Check(int descriptor, string path)
    {
        if (descriptor >= 0)
            return new SafeFileHandle(descriptor, ownsHandle: true);
        int error = Marshal.GetLastPInvokeError();
        throw error switch
        {
            TooManyLinks or NotAFolder => ContainedFile.Refuse(path, "goes through a link or a file that is no folder"),
            NoSuchFile => ContainedFile.Refuse(path, "does not exist"),
            _ => new IOException(Marshal.GetPInvokeErrorMessage(error), error),
        };
    }

    private static void RequireRegularFile(SafeFileHandle handle, string path)
    {
        Span<byte> status = stackalloc byte[256];
        if (StatX((int)handle.DangerousGetHandle(), "", EmptyPath, WantTypeAndLinks, status) != 0)
            throw new IOException(Marshal.GetLastPInvokeErrorMessage(), Marshal.GetLastPInvokeError());

        // The layout of this structure is the same on every processor: link count at 16, mode at 28.
        uint links = BitConverter.ToUInt32(status[16..]);
        int type = BitConverter.ToUInt16(status[28..]) & 0xF000;
        if (type != 0x8000)
            throw ContainedFile.Refuse(path, "is no regular file");
        if (links > 1)
            throw ContainedFile.Refuse(path, $"is one of {links} hard links to the same file; copy it");
    }

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAt(int folder, string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, Span<byte> status);
}
