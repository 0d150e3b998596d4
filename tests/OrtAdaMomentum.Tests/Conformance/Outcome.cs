namespace OrtAdaMomentum.Tests.Conformance;

/// <summary>What came of the attempt to check a model's gradients.</summary>
internal enum OutcomeKind
{
    /// <summary>The gradients equal the differences.</summary>
    Agrees,

    /// <summary>The gradients equal the differences, and both are zero everywhere.</summary>
    AgreesOnZero,

    /// <summary>An input is no tensor.</summary>
    NoTensors,

    /// <summary>No input and no parameter holds floating-point numbers.</summary>
    NoFloatInput,

    /// <summary>No output holds floating-point numbers.</summary>
    NoFloatOutput,

    /// <summary>All floating-point inputs only steer operators.</summary>
    OnlySteers,

    /// <summary>ONNX Runtime does not load or run the model.</summary>
    RuntimeRefuses,

    /// <summary>The outputs are others at every run.</summary>
    Random,

    /// <summary>An operator on the way has no rule, and the coverage says so.</summary>
    WithoutRule,

    /// <summary>This library refuses to differentiate the model.</summary>
    LibraryRefuses,

    /// <summary>Gradients and differences are not equal.</summary>
    Disagrees,
}

/// <summary>What came of the attempt to check a model's gradients.</summary>
/// <param name="Kind">The result in one word.</param>
/// <param name="Message">The result in many words.</param>
/// <param name="Kinks">Number of checked elements so near to a kink that the gradient could only be held to lie between the slopes around it.</param>
internal sealed record Outcome(OutcomeKind Kind, string Message = "", int Kinks = 0)
{
    /// <summary>Whether gradients were compared and are right.</summary>
    public bool IsRight => Kind is OutcomeKind.Agrees or OutcomeKind.AgreesOnZero;
}
