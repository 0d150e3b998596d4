namespace OrtAdaMomentum.Training;

/// <summary>What executes the graphs of a session.</summary>
public enum TrainingBackend
{
    /// <summary>An ordinary inference session of ONNX Runtime, in any of its packages.</summary>
    Stock,

    /// <summary>
    /// The official training runtime, in the package Microsoft.ML.OnnxRuntime.Training, over artifacts of the official layout. It computes
    /// losses and gradients; the optimizer steps here.
    /// </summary>
    Official,
}
