using System.CommandLine;
using OrtAdaMomentum.Artifacts.Official;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary>The options of <c>generate</c> that say what artifacts for the official runtime hold.</summary>
internal sealed class OfficialOptions
{
    private readonly Option<string> _prefix = CommonOptions.Text("--prefix", "TEXT", "Official layout: put before the name of every file.");

    private readonly Option<string> _optimizer = CommonOptions.Choice(
        "--official-optimizer", "Official layout: what the runtime can step by itself; default adamw.", "adamw", "sgd");

    private readonly Option<double?> _clipNorm = CommonOptions.Number(
        "--official-clip-norm", "Official layout: largest norm of all gradients that its optimizer steps with.", static value => value > 0, "above 0");

    private readonly Option<bool> _rawGradients = new("--raw-gradients")
    {
        Description = "Official layout: the training model also gives its gradients, as grad::NAME, for an optimizer on the host.",
    };

    private readonly Option<string[]> _trainingOutputs = new("--training-output")
    {
        Description = "Official layout: an output of the model that the training model gives too. May be repeated.", HelpName = "NAME",
    };

    private readonly Option<bool> _nominal = new("--nominal-checkpoint")
    {
        Description = "Official layout: also write a checkpoint without values, which a device fills from a buffer.",
    };

    private readonly Option<string> _kernels = CommonOptions.Choice(
        "--kernels", "Official layout: what gradients are written with, ordinary operators (default) or those of the runtime itself.", "ordinary", "official");

    private IEnumerable<Option> All => [_kernels, _prefix, _optimizer, _clipNorm, _rawGradients, _trainingOutputs, _nominal];

    public void AddTo(Command command)
    {
        foreach (var option in All)
            command.Options.Add(option);
    }

    /// <summary>Refuses the options where the layout is another.</summary>
    public void RefuseFor(ParseResult parsed, string layout)
    {
        if (All.FirstOrDefault(parsed.IsGiven) is { } option)
            throw ToolException.Usage($"{option.Name} does not apply to the layout '{layout}'.");
    }

    public OfficialLayoutOptions ToOptions(ParseResult parsed) => new()
    {
        Kernels = parsed.GetValue(_kernels) == "official" ? OfficialKernelUse.On : OfficialKernelUse.Off,
        Prefix = parsed.GetValue(_prefix) ?? string.Empty,
        Optimizer = parsed.GetValue(_optimizer) == "sgd" ? OfficialOptimizer.Sgd : OfficialOptimizer.AdamW,
        MaximumGradientNorm = parsed.GetValue(_clipNorm),
        RawGradients = parsed.GetValue(_rawGradients),
        TrainingOutputs = parsed.GetValue(_trainingOutputs) ?? [],
        NominalCheckpoint = parsed.GetValue(_nominal),
    };
}
