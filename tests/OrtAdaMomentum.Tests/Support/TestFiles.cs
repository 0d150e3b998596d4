namespace OrtAdaMomentum.Tests.Support;

/// <summary>Files that lie beside the tests and under models/.</summary>
internal static class TestFiles
{
    /// <summary>A test model or one of the digit models, by file name.</summary>
    public static string Model(string file) => Path.Combine(AppContext.BaseDirectory, "Models", file);
}
