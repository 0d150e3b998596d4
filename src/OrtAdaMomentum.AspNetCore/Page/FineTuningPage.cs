using System.Security.Cryptography;
using System.Text;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>
/// The page: one document with its style and script in it. The policy names the hashes of both, so that nothing else runs, whatever gets into a text.
/// </summary>
internal sealed class FineTuningPage
{
    private static readonly Lazy<FineTuningPage> Loaded = new(static () => new FineTuningPage());

    private FineTuningPage()
    {
        string style = Read("page.css"), script = Read("page.js");
        Html = Encoding.UTF8.GetBytes(Read("page.html").Replace("{{style}}", style, StringComparison.Ordinal).Replace("{{script}}", script, StringComparison.Ordinal));
        Policy = $"default-src 'none'; style-src '{Hash(style)}'; script-src '{Hash(script)}'; connect-src 'self'; img-src 'self' data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    public static FineTuningPage Instance => Loaded.Value;

    public byte[] Html { get; }

    /// <summary>The content security policy.</summary>
    public string Policy { get; }

    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Read(string name)
    {
        using var stream = typeof(FineTuningPage).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource '{name}' is missing in the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        // What browsers hash has line feeds alone.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
