using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// A key in a file that Windows protects (DPAPI): only the user who made it can open it, on this machine. Keep a copy of the key in another place if the
/// samples have to outlast the user's profile.
/// </summary>
/// <param name="path">The file.</param>
public sealed unsafe partial class WindowsProtectedKey(string path) : ISampleKeySource
{
    // CRYPTPROTECT_UI_FORBIDDEN: a service has nobody to ask.
    private const uint NoQuestions = 1;

    /// <inheritdoc/>
    public string Description => $"protected file '{path}'";

    /// <summary>Makes a file with a new random key that only the current user can open.</summary>
    /// <exception cref="PlatformNotSupportedException">This is not Windows.</exception>
    /// <exception cref="IOException">There is a file already, or it cannot be written.</exception>
    public static WindowsProtectedKey Create(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("Only Windows protects keys in this way. Use KeyFile or SystemdCredential.");
        byte[] text = SampleKeyText.Create();
        byte[] protectedText = Transform(text, protect: true);
        CryptographicOperations.ZeroMemory(text);
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        file.Write(protectedText);
        file.Flush(flushToDisk: true);
        return new WindowsProtectedKey(path);
    }

    /// <inheritdoc/>
    public byte[] Read()
    {
        if (!OperatingSystem.IsWindows())
            throw SampleKeyText.Missing(Description, "Only Windows opens keys that it protects. Use a key file or a systemd credential on this machine.");
        byte[] text;
        try
        {
            text = Transform(SampleKeyText.ReadFile(path, Description), protect: false);
        }
        catch (Win32Exception error)
        {
            throw SampleKeyText.Missing(Description, $"Windows does not open it for this user: {error.Message}", error);
        }

        byte[] key = SampleKeyText.Parse(text, Description);
        CryptographicOperations.ZeroMemory(text);
        return key;
    }

    /// <exception cref="Win32Exception">Windows refused.</exception>
    private static byte[] Transform(byte[] data, bool protect)
    {
        fixed (byte* start = data)
        {
            var input = new Blob { Length = data.Length, Data = start };
            Blob output;
            int done = protect
                ? CryptProtectData(&input, null, null, 0, 0, NoQuestions, &output)
                : CryptUnprotectData(&input, null, null, 0, 0, NoQuestions, &output);
            if (done == 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            var result = new Span<byte>(output.Data, output.Length);
            byte[] copy = result.ToArray();
            CryptographicOperations.ZeroMemory(result);
            LocalFree(output.Data);
            return copy;
        }
    }

    [LibraryImport("crypt32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int CryptProtectData(Blob* input, char* description, Blob* entropy, nint reserved, nint prompt, uint flags, Blob* output);

    [LibraryImport("crypt32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int CryptUnprotectData(Blob* input, char** description, Blob* entropy, nint reserved, nint prompt, uint flags, Blob* output);

    [LibraryImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint LocalFree(void* memory);

    /// <summary>DATA_BLOB.</summary>
    private struct Blob
    {
        public int Length;
        public byte* Data;
    }
}
