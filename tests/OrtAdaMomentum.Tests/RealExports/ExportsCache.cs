namespace OrtAdaMomentum.Tests.RealExports;

/// <summary>The folder that <c>tests/real-exports.sh</c> fills with models and names in an environment variable.</summary>
internal static class ExportsCache
{
    public const string Missing = "The models are fetched and made, and these tests run, by tests/real-exports.sh.";

    private static readonly string? Folder = Environment.GetEnvironmentVariable("ORTADAM_REAL_EXPORTS");

    private static readonly string Only = Environment.GetEnvironmentVariable("ORTADAM_REAL_EXPORTS_ONLY") ?? "";

    public static bool IsThere => Folder is not null;

    /// <summary>Whether a case has one of the words in its name that ORTADAM_REAL_EXPORTS_ONLY lists, separated by commas.</summary>
    public static bool IsWanted(string name) => Only.Split(',').Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    public static string PathOf(string file) =>
        Path.Combine(Folder ?? throw new InvalidOperationException(Missing), file.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>Adds a line to the report, which the script prints at the end.</summary>
    public static void Report(string line) => File.AppendAllText(PathOf("report.md"), line + "\n");
}
