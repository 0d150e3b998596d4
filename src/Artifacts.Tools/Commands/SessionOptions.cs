using System.CommandLine;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary>The options that say what computes.</summary>
internal sealed class SessionOptions
{
    private const string StockBackend = "stock", OfficialBackend = "official";

    private readonly Option<string> _provider = CommonOptions.Choice("--provider", "What computes; default cpu.", "cpu", "cuda");
    private readonly Option<int?> _device = CommonOptions.WholeNumber("--device", "Number of the GPU; default 0.", 0);
    private readonly Option<int?> _threads = CommonOptions.WholeNumber("--threads", "Threads of one operator; default 0, one per physical core.", 0);

    private readonly Option<string> _kernels = CommonOptions.Choice(
        "--kernels", "Whether this tool's own kernels take part, on the processor; default on.", "on", "off");

    private readonly Option<string> _backend = CommonOptions.Choice(
        "--backend", "The runtime that the model is run on; default stock.", StockBackend, OfficialBackend);

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="computesGradients">Whether it computes gradients, which kernels take part in.</param>
    public void AddTo(Command command, bool computesGradients)
    {
        if (computesGradients)
            command.Options.Add(_kernels);
        command.Options.Add(_provider);
        command.Options.Add(_device);
        command.Options.Add(_threads);
        command.Options.Add(_backend);
    }

    /// <summary>The backend that was asked for.</summary>
    /// <exception cref="ToolException">This build has none of that kind.</exception>
    public TrainingBackend Backend(ParseResult parsed)
    {
        if (parsed.GetValue(_backend) != OfficialBackend)
            return TrainingBackend.Stock;
        return FineTuningSession.IsAvailable(TrainingBackend.Official)
            ? TrainingBackend.Official
            : throw new ToolException(
                ExitCodes.Device,
                $"{_backend.Name} {OfficialBackend}: the ONNX Runtime in this build has no training code; build the tool with -p:OrtPackage=Training, "
                + $"which takes Microsoft.ML.OnnxRuntime.Training 1.19.2, or leave it at {_backend.Name} {StockBackend}.");
    }

    /// <summary>Completes options with what computes.</summary>
    /// <exception cref="ToolException">The options do not go together, or this build has no such backend.</exception>
    public FineTuningOptions Apply(ParseResult parsed, FineTuningOptions options)
    {
        bool cuda = parsed.GetValue(_provider) == "cuda";
        if (!cuda && parsed.IsGiven(_device))
            throw ToolException.Usage($"{_device.Name} applies to --provider cuda only.");
        return options with
        {
            Backend = Backend(parsed),
            Provider = cuda ? ExecutionProvider.Cuda(parsed.GetValue(_device) ?? 0) : ExecutionProvider.Cpu,
            Threads = parsed.GetValue(_threads) ?? 0,
            Kernels = parsed.GetValue(_kernels) == "off" ? KernelUse.Off : KernelUse.On,
        };
    }

    /// <summary>Opens a session. On a GPU, what fails there is most likely the GPU; on the processor, the artifacts.</summary>
    public static FineTuningSession Open(TrainingArtifacts artifacts, FineTuningOptions options) => ToolException.Attribute(
        CodeOf(options), () => new FineTuningSession(artifacts, options));

    /// <inheritdoc cref="Open(TrainingArtifacts, FineTuningOptions)"/>
    public static FineTuningSession Open(TrainableFolder folder, FineTuningOptions options) =>
        ToolException.Attribute(CodeOf(options), () => folder.OpenSession(options));

    /// <summary>Opens a session with the parameters of a checkpoint; without one, with those of the original model.</summary>
    public static FineTuningSession Open(TrainingArtifacts artifacts, FineTuningOptions options, string? checkpoint)
    {
        var session = Open(artifacts, options);
        try
        {
            if (checkpoint is not null)
            {
                ToolException.Attribute(ExitCodes.Artifacts, () =>
                {
                    session.LoadParameters(checkpoint);
                    return session;
                });
            }

            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static int CodeOf(FineTuningOptions options) => options.Provider == ExecutionProvider.Cpu ? ExitCodes.Artifacts : ExitCodes.Device;
}
