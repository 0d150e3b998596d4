using System.Diagnostics;

namespace OrtAdaMomentum.Bench.Peers;

/// <summary>The peer's program: built when it is first wanted, and made to load where that can be done.</summary>
internal static class TorchSharpProgram
{
    private const string Library = "libLibTorchSharp.so";

    /// <summary>The program's file, or null with the reason why there is none.</summary>
    public static (string? File, string About) Prepare()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string project = Path.Combine(folder.FullName, "bench", "Peers", "TorchSharpPeer");
            if (Directory.Exists(project))
                return Prepare(project);
        }

        return (null, "its project is not beside this program");
    }

    private static (string? File, string About) Prepare(string project)
    {
        string output = Path.Combine(project, "bin", "Release", "net10.0");
        string program = Path.Combine(output, OperatingSystem.IsWindows() ? "TorchSharpPeer.exe" : "TorchSharpPeer");
        var (built, log) = Run("dotnet", ["build", project, "-c", "Release", "--nologo", "-v", "q"]);
        if (!built)
            return (null, "its project does not build: " + log.Split('\n').FirstOrDefault(static line => line.Contains("error", StringComparison.Ordinal)));
        var (loads, about) = Run(program, ["check"]);
        if (!loads && OperatingSystem.IsLinux())
        {
            // The build copies the library again when it finds it changed, so this is looked at on every start.
            foreach (string library in Directory.EnumerateFiles(output, Library, SearchOption.AllDirectories))
                LibraryFit.Apply(library);
            (loads, about) = Run(program, ["check"]);
        }

        return (loads ? program : null, about.Trim());
    }

    private static (bool Succeeded, string Output) Run(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode == 0, output);
    }
}
