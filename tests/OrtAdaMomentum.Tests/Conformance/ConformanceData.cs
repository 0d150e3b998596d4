namespace OrtAdaMomentum.Tests.Conformance;

/// <summary>Where the models and inputs of the ONNX standard's own tests lie.</summary>
internal static class ConformanceData
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "ORTADAM_ONNX_TESTDATA";

    /// <summary>Why nothing is checked where the data is missing.</summary>
    public const string Missing =
        "The ONNX test data is not on this machine: run tests/conformance.sh, or install Debian's libonnx-testdata.";

    private const string Installed = "/usr/share/libonnx-testdata/data";

    private static readonly string[] Sets = ["node", "pytorch-converted", "pytorch-operator", "simple"];

    /// <summary>The folder with one folder for each set of models; null when there is none.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>The models as <c>set/name</c>, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = Folder is { } folder
        ? [.. Sets.SelectMany(set => Directory.GetDirectories(Path.Combine(folder, set)).Select(path => $"{set}/{Path.GetFileName(path)}"))
            .Order(StringComparer.Ordinal)]
        : [];

    private static string? Find()
    {
        string folder = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given : Installed;
        return Directory.Exists(Path.Combine(folder, Sets[0])) ? folder : null;
    }
}
