using System.ComponentModel;
using System.Diagnostics;

namespace OrtAdaMomentum.Tools.Service;

/// <summary>
/// Gives what the administrator wrote into a service's folder to the folder's owner: the service runs as that user and could not write the files
/// otherwise.
/// </summary>
internal static class FolderOwner
{
    /// <summary>Whether files that this process writes belong to somebody else than those of the service do.</summary>
    public static bool IsNeeded => OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess;

    /// <summary>Gives everything in a folder to the folder's owner.</summary>
    public static void GiveAll(string folder) => Run("-R", folder, folder);

    /// <summary>Gives a file to the owner of the folder that it is in.</summary>
    public static void Give(string file) => Run("-h", Path.GetDirectoryName(Path.GetFullPath(file))!, file);

    private static void Run(string option, string reference, string path)
    {
        if (!IsNeeded)
            return;
        try
        {
            // .NET does not know owners of files; the program is part of every Linux.
            using var process = Process.Start(new ProcessStartInfo("chown", [option, $"--reference={reference}", "--", path]) { RedirectStandardError = true })!;
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new ToolException(ExitCodes.File, $"'{path}' could not be given to the owner of '{reference}': {error.Trim()}");
        }
        catch (Win32Exception error)
        {
            throw new ToolException(ExitCodes.File, $"'{path}' could not be given to the owner of '{reference}': there is no chown: {error.Message}", error);
        }
    }
}
