namespace OrtAdaMomentum.Gradients.Recurrent;

/// <summary>A gate of a recurrent cell: an activation function of an input that may be clipped before.</summary>
internal sealed class Gate
{
    private readonly SymbolicTensor _input;
    private readonly SymbolicTensor _clipped;
    private readonly Activation _activation;

    public Gate(SymbolicTensor input, Activation activation, float? clip)
    {
        _input = input;
        _clipped = clip is { } limit
            ? input.Graph.Node("Clip", [input, input.Like(-limit), input.Like(limit)], input.Type)
            : input;
        _activation = activation;
        Value = activation.Apply(_clipped);
    }

    /// <summary>What the gate lets through.</summary>
    public SymbolicTensor Value { get; }

    /// <summary>The derivative of the value by the input; a scalar where it is the same everywhere.</summary>
    public SymbolicTensor Slope()
    {
        var slope = _activation.Slope(_clipped, Value);
        return _clipped == _input ? slope : _input.IsEqualTo(_clipped).Choose(slope, 0);
    }

    /// <summary>The gradient of the input, given that of the value.</summary>
    public SymbolicTensor Back(SymbolicTensor gradient) => gradient * Slope();
}
