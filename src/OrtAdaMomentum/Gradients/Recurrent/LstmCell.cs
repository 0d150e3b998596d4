using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Recurrent;

/// <summary>The gates and the memory of a long short-term memory at all steps, computed again from its hidden states.</summary>
internal sealed class LstmCell
{
    private readonly Direction _layer;
    private readonly Activation _gate;
    private readonly float? _clip;

    public LstmCell(GradientContext node, Direction layer, Activation[] activations)
    {
        _layer = layer;
        _gate = activations[0];
        _clip = node.HasAttribute("clip") ? node.Number("clip", 0) : null;
        var inputs = Parts.Split(layer.GateInputs(), 4, layer.Sequence(layer.Hidden));
        bool coupled = node.Integer("input_forget", 0) != 0;
        if (layer.Parameter(7) is { } peepholes)
        {
            var parts = Parts.Split(peepholes, 3, TensorType.Of(peepholes.ElementType, layer.Hidden));
            Peepholes = (parts[0], parts[1], parts[2]);
        }

        Block = new Gate(inputs[3], activations[1], _clip);
        Before = Memory(layer.Initial(6), inputs[0], coupled ? null : inputs[2]);
        Input = Open(inputs[0], Before, Peepholes?.Input);
        Forget = coupled ? null : Open(inputs[2], Before, Peepholes?.Forget);
        Kept = Forget?.Value ?? 1 - Input.Value;
        After = Before * Kept + Input.Value * Block.Value;
        Output = Open(inputs[1], After, Peepholes?.Output);
        // ONNX Runtime clips the inputs of the gates only, not the memory.
        Squashed = new Gate(After, activations[2], clip: null);
    }

    public Gate Input { get; }

    public Gate Output { get; }

    /// <summary>Null where the input gate decides what is forgotten.</summary>
    public Gate? Forget { get; }

    public Gate Block { get; }

    /// <summary>The memory as the output sees it.</summary>
    public Gate Squashed { get; }

    /// <summary>How much of the memory before a step stays.</summary>
    public SymbolicTensor Kept { get; }

    /// <summary>The memory before each step.</summary>
    public SymbolicTensor Before { get; }

    /// <summary>The memory behind each step.</summary>
    public SymbolicTensor After { get; }

    public (SymbolicTensor Input, SymbolicTensor Output, SymbolicTensor Forget)? Peepholes { get; }

    private Gate Open(SymbolicTensor input, SymbolicTensor memory, SymbolicTensor? peephole) =>
        new(peephole is null ? input : input + memory * peephole, _gate, _clip);

    private SymbolicTensor Memory(SymbolicTensor initial, SymbolicTensor input, SymbolicTensor? forget)
    {
        var scan = new ScanBuilder(_layer.Graph);
        var memory = scan.State(initial);
        SymbolicTensor next;
        if (Peepholes is var (ofInput, _, ofForget))
        {
            var open = Open(Slice(input), memory, ofInput).Value;
            var kept = forget is null ? 1 - open : Open(Slice(forget), memory, ofForget).Value;
            next = memory * kept + open * Slice(Block.Value);
        }
        else
        {
            // The gates do not depend on the memory: they are opened for all steps at once.
            var open = Open(input, memory, null).Value;
            var kept = forget is null ? 1 - open : Open(forget, memory, null).Value;
            next = memory * Slice(kept) + Slice(open * Block.Value);
        }

        if (_layer.IsValid is { } valid)
            next = Slice(valid).Choose(next, memory);
        int before = scan.Collect(memory, _layer.IsReverse);
        return scan.Write(next).Collected[before].WithType(_layer.Sequence(_layer.Hidden));

        SymbolicTensor Slice(SymbolicTensor sequence) => scan.Slice(sequence, _layer.IsReverse);
    }
}
