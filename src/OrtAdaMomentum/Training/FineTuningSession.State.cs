using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Training;

/// <content>What the official API keeps in its <c>CheckpointState</c>: parameters by name, properties; and the names that a session takes and gives.</content>
public sealed partial class FineTuningSession
{
    private readonly CheckpointProperties _properties = new();

    /// <summary>Keeps an integer in the checkpoints of this session. A property of that name is replaced.</summary>
    /// <param name="name">Its name, not empty.</param>
    /// <param name="value">Its value.</param>
    public void AddProperty(string name, long value) => Add(new CheckpointProperty(name, value, null, null));

    /// <inheritdoc cref="AddProperty(string, long)" path="/param"/>
    /// <summary>Keeps a number in the checkpoints of this session. A property of that name is replaced.</summary>
    public void AddProperty(string name, float value) => Add(new CheckpointProperty(name, null, value, null));

    /// <inheritdoc cref="AddProperty(string, long)" path="/param"/>
    /// <summary>Keeps a text in the checkpoints of this session. A property of that name is replaced.</summary>
    public void AddProperty(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Add(new CheckpointProperty(name, null, null, value));
    }

    /// <summary>A property that was added, or that came with the artifacts or a checkpoint.</summary>
    /// <returns>A <see cref="long"/>, a <see cref="float"/> or a <see cref="string"/>.</returns>
    /// <exception cref="FineTuningException">There is none of that name.</exception>
    public object GetProperty(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return _properties.Get(name);
    }

    /// <summary>A copy of a trainable parameter or of a running statistic, row-major.</summary>
    /// <exception cref="FineTuningException">There is no such tensor, or it does not train.</exception>
    public float[] GetParameter(string name)
    {
        var (buffer, slot) = Find(name);
        return buffer[slot].ToArray();
    }

    /// <summary>Sets a trainable parameter or a running statistic. The next step sees it; the moments of the optimizer stay.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">Its elements, row-major, as many as it has.</param>
    /// <exception cref="FineTuningException">There is no such tensor, it does not train, or it has another size; nothing has changed.</exception>
    public void UpdateParameter(string name, ReadOnlySpan<float> values)
    {
        var (buffer, slot) = Find(name);
        if (values.Length != slot.Length)
            throw new FineTuningException($"'{name}' has {slot.Length} elements ([{string.Join(", ", slot.Shape)}]), but {values.Length} are given.");
        values.CopyTo(buffer[slot]);
    }

    /// <summary>What a batch holds: the inputs and, last, the target.</summary>
    /// <param name="training">Whether of the training model; the eval model takes the same.</param>
    public IReadOnlyList<string> InputNames(bool training = true) => [.. Manifest.Inputs.Append(Manifest.Target).Select(static tensor => tensor.Name)];

    /// <summary>What a step gives: the loss and, in evaluation, the outputs of the model.</summary>
    /// <param name="training">Whether of the training model.</param>
    public IReadOnlyList<string> OutputNames(bool training = true) =>
        training ? [Manifest.LossOutput] : [Manifest.LossOutput, .. Manifest.Outputs.Select(static output => output.Name)];

    private void Add(CheckpointProperty property)
    {
        ArgumentException.ThrowIfNullOrEmpty(property.Name, "name");
        _properties.Set(property);
    }

    private (FlatBuffer Buffer, BufferSlot Slot) Find(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Parameters.Layout.TryGetSlot(name, out var slot))
            return (Parameters, slot);
        if (_states.Layout.TryGetSlot(name, out slot))
            return (_states, slot);
        throw new FineTuningException(
            Manifest.Parameters.Any(parameter => parameter.Name == name)
                ? $"'{name}' does not train, so it is a constant of the graphs. Generate the artifacts with it among the trainable parameters, or change it in the model before."
                : $"There is no parameter '{name}'. There are: {string.Join(", ", Parameters.Layout.Slots.Concat(_states.Layout.Slots).Select(static each => each.Name))}.");
    }
}
