using System.CommandLine;
using System.Globalization;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary>The options that say how a model is to be trained: those of <c>generate</c>, which <c>inspect</c> takes too to tell what would come of them.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string> _loss = CommonOptions.Choice("--loss", "What training makes small; default cross-entropy.", [.. LossRegistry.Names]);

    private readonly Option<string[]> _train = new("--train")
    {
        Description = "Parameters to train, as a pattern: * is any run of characters, ? one; !pattern takes out again. May be repeated. Default: all.",
        HelpName = "PATTERN",
    };

    private readonly Option<int?> _lastLayers = CommonOptions.WholeNumber("--last-layers", "Train the parameters of the last K layers only.", 1);

    private readonly Option<string[]> _fix = new("--fix")
    {
        Description = "Fix a graph input to a constant, as NAME=VALUE. May be repeated.",
        HelpName = "NAME=VALUE",
    };

    private readonly Option<string> _batchNorm = CommonOptions.Choice(
        "--batch-norm", "Statistics that BatchNormalization trains with; default frozen.", "frozen", "training");

    private readonly Option<string> _output = CommonOptions.Text(
        "--output", "NAME", "The graph output that the loss is attached to. Default: the first.");

    private readonly Option<bool> _externalData = new("--allow-external-data")
    {
        Description = "Accept weights in other files in the model's folder.",
    };

    private readonly Option<double?> _labelSmoothing = CommonOptions.Number(
        "--label-smoothing", "Share of each label spread over all classes.", static value => value is >= 0 and < 1, "0 up to but without 1");

    private readonly Option<string> _classWeights = CommonOptions.Text("--class-weights", "W,W,…", "One weight per class: 1,0.5,2");

    private readonly Option<long?> _ignoreIndex = new("--ignore-index")
    {
        Description = "Class index of positions to leave out.", HelpName = "N",
    };

    private readonly Option<double?> _positiveWeight = CommonOptions.Number(
        "--positive-weight", "Weight of the positive part of binary-cross-entropy.", static value => value > 0, "above 0");

    private readonly Option<double?> _delta = CommonOptions.Number(
        "--delta", "Where huber goes over into a line.", static value => value > 0, "above 0");

    private readonly Option<long?> _blank = new("--blank") { Description = "The class of ctc that stands for no label; default 0.", HelpName = "N" };

    private readonly Option<bool> _timeFirst = new("--time-first") { Description = "The model's output for ctc is [time, batch, class]; default [batch, time, class]." };

    private readonly Option<bool> _inputLengths = new("--input-lengths")
    {
        Description = "The first column of the targets of ctc is the number of time steps that count.",
    };

    private readonly Option<bool> _recompute = new("--recompute")
    {
        Description = "Compute cheap values of the forward pass again in the backward pass: less memory, more time.",
    };

    private IEnumerable<Option> All =>
    [
        _loss, _train, _lastLayers, _fix, _batchNorm, _output, _externalData, _labelSmoothing, _classWeights, _ignoreIndex, _positiveWeight, _delta,
        _blank, _timeFirst, _inputLengths, _recompute,
    ];

    public void AddTo(Command command)
    {
        foreach (var option in All)
            command.Options.Add(option);
    }

    /// <summary>The options that the user gave.</summary>
    public IEnumerable<string> Given(ParseResult parsed) => All.Where(parsed.IsGiven).Select(static option => option.Name);

    public OnnxModel LoadModel(ParseResult parsed, string path)
    {
        if (!File.Exists(path))
            throw new ToolException(ExitCodes.Model, $"'{path}' cannot be read: there is no such file.");
        return OnnxModel.Load(path, new OnnxLoadOptions { AllowExternalData = parsed.GetValue(_externalData) });
    }

    public ArtifactOptions ToOptions(ParseResult parsed)
    {
        string[] patterns = parsed.GetValue(_train) ?? [];
        int? lastLayers = parsed.GetValue(_lastLayers);
        if (patterns.Length > 0 && lastLayers is not null)
            throw ToolException.Usage("--train and --last-layers both choose the parameters to train; give one of them.");
        return new ArtifactOptions
        {
            Loss = CreateLoss(parsed),
            Trainable = lastLayers is { } count ? TrainableSelection.LastLayers(count)
                : patterns.Length > 0 ? TrainableSelection.Matching(patterns)
                : TrainableSelection.All,
            BatchNormalization = parsed.GetValue(_batchNorm) == "training" ? BatchNormalizationMode.Training : BatchNormalizationMode.Frozen,
            Output = parsed.GetValue(_output),
            Fix = ParseFix(parsed.GetValue(_fix) ?? []),
            Recompute = parsed.GetValue(_recompute),
        };
    }

    private Loss CreateLoss(ParseResult parsed)
    {
        var loss = LossRegistry.Create(parsed.GetValue(_loss) ?? "cross-entropy");
        var configured = loss switch
        {
            CrossEntropyLoss crossEntropy => crossEntropy with
            {
                LabelSmoothing = parsed.GetValue(_labelSmoothing) ?? 0,
                ClassWeights = ParseWeights(parsed.GetValue(_classWeights)),
                IgnoreIndex = parsed.GetValue(_ignoreIndex),
            },
            BinaryCrossEntropyLoss binary => binary with { PositiveWeight = parsed.GetValue(_positiveWeight) ?? 1 },
            HuberLoss huber => huber with { Delta = parsed.GetValue(_delta) ?? 1 },
            CtcLoss ctc => ctc with
            {
                Blank = parsed.GetValue(_blank) ?? 0, TimeFirst = parsed.GetValue(_timeFirst), WithInputLengths = parsed.GetValue(_inputLengths),
            },
            _ => loss,
        };
        Refuse(parsed, loss, loss is CrossEntropyLoss, _labelSmoothing, _classWeights, _ignoreIndex);
        Refuse(parsed, loss, loss is BinaryCrossEntropyLoss, _positiveWeight);
        Refuse(parsed, loss, loss is HuberLoss, _delta);
        Refuse(parsed, loss, loss is CtcLoss, _blank, _timeFirst, _inputLengths);
        try
        {
            configured.Validate();
        }
        catch (FineTuningException error)
        {
            throw ToolException.Usage(error.Message);
        }

        return configured;
    }

    private static void Refuse(ParseResult parsed, Loss loss, bool applies, params Option[] options)
    {
        if (!applies && Array.Find(options, parsed.IsGiven) is { } option)
            throw ToolException.Usage($"{option.Name} does not apply to the loss '{loss.Name}'.");
    }

    private static float[]? ParseWeights(string? text)
    {
        if (text is null)
            return null;
        string[] parts = text.Split(',');
        var weights = new float[parts.Length];
        for (int index = 0; index < parts.Length; index++)
        {
            if (!float.TryParse(parts[index], NumberStyles.Float, CultureInfo.InvariantCulture, out weights[index]))
                throw ToolException.Usage($"--class-weights takes numbers separated by commas, was '{text}'.");
        }

        return weights;
    }

    private static Dictionary<string, string> ParseFix(string[] pairs)
    {
        Dictionary<string, string> fixedInputs = new(StringComparer.Ordinal);
        foreach (string pair in pairs)
        {
            // Names of tensors may hold an equals sign; values are numbers and never do.
            int split = pair.LastIndexOf('=');
            if (split <= 0 || split == pair.Length - 1)
                throw ToolException.Usage($"--fix takes NAME=VALUE, was '{pair}'.");
            if (!fixedInputs.TryAdd(pair[..split], pair[(split + 1)..]))
                throw ToolException.Usage($"--fix gives '{pair[..split]}' two values.");
        }

        return fixedInputs;
    }
}
