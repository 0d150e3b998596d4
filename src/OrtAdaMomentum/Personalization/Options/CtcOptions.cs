using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Personalization;

/// <summary>What the output of a model is that is trained with connectionist temporal classification (<see cref="CtcLoss"/>).</summary>
public sealed record CtcOptions
{
    /// <summary>The class that stands for no label, 0 or more. Default: 0.</summary>
    public long Blank { get; set; }

    /// <summary>Whether the output is [time, batch, class]; otherwise it is [batch, time, class]. Default: false.</summary>
    public bool TimeFirst { get; set; }

    internal static void Check(List<string> problems, CtcOptions? options)
    {
        if (options is null)
            problems.Add("Ctc must be given.");
        else if (options.Blank < 0)
            problems.Add($"Ctc:Blank must be at least 0, was {options.Blank}.");
    }
}
