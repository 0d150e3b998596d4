using System.Globalization;

namespace OrtAdaMomentum.Samples.EdgeFineTune;

/// <summary>What the command line asks for.</summary>
/// <param name="Output">Folder for what the run leaves.</param>
/// <param name="Seed">Decides the order of samples.</param>
/// <param name="Json">Whether the last line is the summary as JSON.</param>
/// <param name="Threads">Threads of training and serving; 0 lets the runtime choose.</param>
internal sealed record SampleArguments(string Output, ulong Seed, bool Json, int Threads)
{
    /// <summary>Whether to go on as a service with pages, until it is stopped.</summary>
    public bool Serve { get; init; }

    /// <summary>Where the service listens.</summary>
    public string Urls { get; init; } = "http://localhost:5000";

    /// <summary>Whether the service begins with the handwriting of the plain run as its samples.</summary>
    public bool Handwriting { get; init; }

    public const string Usage =
        """
        Fine-tunes a digit model on another handwriting while it is being served.

          --out DIR      folder for tuned.onnx, checkpoint and report.html (default: edge-fine-tune)
          --seed N       order of the samples (default: 1)
          --threads N    threads of training and serving (default: one per core)
          --json         print the summary as one JSON object on the last line

          --serve        serve pages to draw digits and to watch the service, until Ctrl+C; what it learned stays in DIR
          --urls URLS    where to listen, separated by ';' (default: http://localhost:5000)
          --handwriting  with --serve: begin with the handwriting of the plain run as samples
        """;

    /// <summary>Reads the arguments; null when they make no sense or ask for help.</summary>
    public static SampleArguments? Parse(string[] arguments, out string? problem)
    {
        var result = new SampleArguments("edge-fine-tune", 1, false, 0);
        problem = null;
        for (int index = 0; index < arguments.Length; index++)
        {
            string name = arguments[index];
            if (Flag(result, name) is { } flagged)
            {
                result = flagged;
                continue;
            }

            string? value = index + 1 < arguments.Length ? arguments[++index] : null;
            switch (name)
            {
                case "--out" when !string.IsNullOrWhiteSpace(value):
                    result = result with { Output = value };
                    break;
                case "--urls" when !string.IsNullOrWhiteSpace(value):
                    result = result with { Urls = value };
                    break;
                case "--seed" when ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed):
                    result = result with { Seed = seed };
                    break;
                case "--threads" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int threads):
                    result = result with { Threads = threads };
                    break;
                case "--help" or "-h":
                    return null;
                default:
                    problem = $"The argument '{name}'{(value is null ? "" : $" with the value '{value}'")} is not understood.";
                    return null;
            }
        }

        if (result is { Serve: false, Handwriting: true })
        {
            problem = "--handwriting goes with --serve; the plain run always uses it.";
            return null;
        }

        return result;
    }

    private static SampleArguments? Flag(SampleArguments arguments, string name) => name switch
    {
        "--json" => arguments with { Json = true },
        "--serve" => arguments with { Serve = true },
        "--handwriting" => arguments with { Handwriting = true },
        _ => null,
    };
}
