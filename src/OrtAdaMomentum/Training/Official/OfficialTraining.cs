using Microsoft.ML.OnnxRuntime;

namespace OrtAdaMomentum.Training.Official;

/// <summary>The official training session. Its managed types are in every package of ONNX Runtime, its native code in one only.</summary>
internal sealed class OfficialTraining : IOfficialTraining
{
    private readonly CheckpointState _state;
    private readonly TrainingSession _session;

    private OfficialTraining(CheckpointState state, TrainingSession session)
    {
        _state = state;
        _session = session;
    }

    /// <summary>Whether the native library has training code.</summary>
    public static bool IsThere
    {
        get
        {
            try
            {
                // The library says so before it looks for the file, of which there is none.
                CheckpointState.LoadCheckpoint(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())).Dispose();
                return true;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
            catch (OnnxRuntimeException)
            {
                return true;
            }
        }
    }

    /// <exception cref="FineTuningException">The native library has no training code.</exception>
    public static void RequireNative()
    {
        if (!IsThere)
        {
            throw new FineTuningException(
                "The ONNX Runtime library that this application was built with has no training code: build with -p:OrtPackage=Training, which takes the package "
                + "Microsoft.ML.OnnxRuntime.Training (up to 1.19.2, from nuget.org) in place of Microsoft.ML.OnnxRuntime, or use TrainingBackend.Stock.");
        }
    }

    /// <exception cref="FineTuningException">The runtime does not take the files.</exception>
    public static OfficialTraining Open(OfficialSessionFiles files, FineTuningOptions options)
    {
        if (options.Seed is { } seed)
            TrainingUtils.SetSeed(seed);
        CheckpointState? state = null;
        try
        {
            using var sessionOptions = RuntimeSession.CreateOptions(options);
            state = CheckpointState.LoadCheckpoint(files.Checkpoint);
            // The session does not keep its state alive.
            return new OfficialTraining(state, new TrainingSession(sessionOptions, state, files.TrainingModel, files.EvalModel, files.OptimizerModel));
        }
        catch (OnnxRuntimeException problem)
        {
            state?.Dispose();
            throw new FineTuningException($"The official training runtime does not take the artifacts: {problem.Message}", problem);
        }
    }

    public IReadOnlyList<string> InputNames(bool training) => _session.InputNames(training);

    public IReadOnlyList<string> OutputNames(bool training) => _session.OutputNames(training);

    public IDisposableReadOnlyCollection<OrtValue> TrainStep(IReadOnlyCollection<OrtValue> inputs) => _session.TrainStep(inputs);

    public IDisposableReadOnlyCollection<OrtValue> EvalStep(IReadOnlyCollection<OrtValue> inputs) => _session.EvalStep(inputs);

    public void LazyResetGrad() => _session.LazyResetGrad();

    public OrtValue ToBuffer(bool onlyTrainable) => _session.ToBuffer(onlyTrainable);

    public void FromBuffer(OrtValue packed, bool onlyTrainable) => _session.FromBuffer(packed, onlyTrainable);

    public OrtValue GetParameter(string name) => _state.GetParameter(name);

    public void UpdateParameter(string name, OrtValue value) => _state.UpdateParameter(name, value);

    public void Dispose()
    {
        _session.Dispose();
        _state.Dispose();
    }
}
