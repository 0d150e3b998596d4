using System.Globalization;

namespace OrtAdaMomentum.Samples.EdgeFineTune;

/// <summary>What the command line asks for.</summary>
/// <param name="Output">Folder for what the run leaves.</param>
/// <param name="Seed">Decides the order of samples.</param>
/// <param name="Json">Whether the last line is the summary as JSON.</param>
/// <param name="Threads">Threads of training and serving; 0 lets the runtime choose.</param>
internal sealed record SampleArguments(string Output, ulong Seed, bool Json, int Threads)
{
    public const string Usage =
        """
        Fine-tunes a digit model on another handwriting while it is being served.

          --out DIR      folder for tuned.onnx, checkpoint and report.html (default: edge-fine-tune)
          --seed N       order of the samples (default: 1)
          --threads N    threads of training and serving (default: one per core)
          --json         print the summary as one JSON object on the last line
        """;

    /// <summary>Reads the arguments; null when they make no sense or ask for help.</summary>
    public static SampleArguments? Parse(string[] arguments, out string? problem)
    {
        var result = new SampleArguments("edge-fine-tune", 1, false, 0);
        problem = null;
        for (int index = 0; index < arguments.Length; index++)
        {
            string name = arguments[index];
            if (name == "--json")
            {
                result = result with { Json = true };
                continue;
            }

            string? value = index + 1 < arguments.Length ? arguments[++index] : null;
            switch (name)
            {
                case "--out" when !string.IsNullOrWhiteSpace(value):
                    result = result with { Output = value };
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

        return result;
    }
}
