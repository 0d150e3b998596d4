using Microsoft.ML.OnnxRuntime;

namespace OrtAdaMomentum.Training.Official;

/// <summary>What is used of the official training session and its checkpoint state. Members are named and behave as there.</summary>
internal interface IOfficialTraining : IDisposable
{
    /// <summary>Names of the values that a step takes, in their order.</summary>
    IReadOnlyList<string> InputNames(bool training);

    /// <summary>Names of the values that a step gives, in their order.</summary>
    IReadOnlyList<string> OutputNames(bool training);

    IDisposableReadOnlyCollection<OrtValue> TrainStep(IReadOnlyCollection<OrtValue> inputs);

    IDisposableReadOnlyCollection<OrtValue> EvalStep(IReadOnlyCollection<OrtValue> inputs);

    void LazyResetGrad();

    /// <summary>The parameters packed one after the other, in the order of the training graph's inputs.</summary>
    OrtValue ToBuffer(bool onlyTrainable);

    void FromBuffer(OrtValue packed, bool onlyTrainable);

    /// <summary>A copy of a parameter, trainable or not.</summary>
    OrtValue GetParameter(string name);

    void UpdateParameter(string name, OrtValue value);
}
