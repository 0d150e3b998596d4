using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Bench.Models;

/// <summary>A model that whole training steps are measured with.</summary>
/// <param name="Name">Also the peer's name of the same model.</param>
/// <param name="About">Its shape, in a few words.</param>
/// <param name="Batch">Samples in a step.</param>
/// <param name="Create">Writes the model.</param>
/// <param name="Head">What trains when the last layer alone does.</param>
/// <param name="Tail">What trains on a frozen backbone.</param>
internal sealed record ModelCase(string Name, string About, int Batch, Func<OnnxModel> Create, TrainedPart Head, TrainedPart Tail)
{
    /// <summary>Everything trains, and the backward pass computes cheap values again; for the profile.</summary>
    public const string Recompute = "recompute";

    public Loss Loss { get; init; } = new CrossEntropyLoss();

    public static IReadOnlyList<ModelCase> All { get; } =
    [
        MultilayerPerceptron.Case, LeNet.Case, ResNet18.Case, MobileNetV2.Case, MiniLm.Case, LanguageModel.Case, WakeWordHead.Case,
    ];

    public static ModelCase Named(string name) =>
        All.FirstOrDefault(model => model.Name == name)
        ?? throw new ArgumentException($"There is no model '{name}'. There are: {string.Join(", ", All.Select(static model => model.Name))}.");

    /// <summary>The part of the model that trains; null where all of it does.</summary>
    public TrainedPart? Trained(string mode) => mode switch
    {
        Modes.Full or Recompute => null,
        Modes.Head => Head,
        Modes.Tail => Tail,
        _ => throw new ArgumentException($"There is no mode '{mode}'. There are: {string.Join(", ", Modes.All)}."),
    };

    /// <summary>BatchNormalization takes the statistics of the batch where everything trains, and the stored ones on a frozen backbone.</summary>
    public TrainingArtifacts Generate(string mode) => ArtifactGenerator.Generate(Create(), new ArtifactOptions
    {
        Loss = Loss,
        Trainable = Trained(mode) is { } part ? TrainableSelection.Matching(part.Parameters) : TrainableSelection.All,
        BatchNormalization = Trained(mode) is null ? BatchNormalizationMode.Training : BatchNormalizationMode.Frozen,
        Recompute = mode == Recompute,
    });
}

/// <summary>The end of a model, when only it trains.</summary>
/// <param name="Begin">The value that the frozen part hands to it.</param>
/// <param name="Parameters">Patterns of its parameters' names.</param>
internal sealed record TrainedPart(string Begin, params string[] Parameters);
