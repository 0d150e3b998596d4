using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;

namespace OrtAdaMomentum.Optimizers;

/// <summary>
/// How a set of float tensors is laid out in one flat buffer: in the given order, each starting at a 64-byte boundary, the gaps between
/// them being padding. Immutable, and shared by the buffers of parameters, gradients and optimizer states.
/// </summary>
public sealed class BufferLayout
{
    /// <summary>Floats in 64 bytes: the unit that every slot starts at and the widest vector processes.</summary>
    internal const int BlockLength = 16;

    private readonly Dictionary<string, BufferSlot> _byName;

    private BufferLayout(List<BufferSlot> slots, Dictionary<string, BufferSlot> byName, int length, int elementCount)
    {
        Slots = new ReadOnlyCollection<BufferSlot>(slots);
        _byName = byName;
        Length = length;
        ElementCount = elementCount;
    }

    /// <summary>The tensors, in the order they were given.</summary>
    public IReadOnlyList<BufferSlot> Slots { get; }

    /// <summary>Floats in the whole buffer, padding included; a multiple of 16.</summary>
    public int Length { get; }

    /// <summary>Floats in all tensors together, without padding: the length of the packed form.</summary>
    public int ElementCount { get; }

    /// <summary>The slot of the tensor called <paramref name="name"/>.</summary>
    /// <param name="name">A tensor's name, compared ordinally.</param>
    /// <exception cref="KeyNotFoundException">No tensor of that name is in the layout.</exception>
    public BufferSlot this[string name] => _byName.TryGetValue(name, out BufferSlot? slot)
        ? slot
        : throw new KeyNotFoundException($"The buffer layout has no tensor named '{name}'.");

    /// <summary>Lays the tensors out.</summary>
    /// <param name="tensors">Names and shapes, in the order of the buffer.</param>
    /// <exception cref="ArgumentException">
    /// A name is empty or given twice, a dimension is negative, or the buffer would hold more than <see cref="int.MaxValue"/> floats.
    /// </exception>
    public static BufferLayout Create(IEnumerable<(string Name, IReadOnlyList<long> Shape)> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        List<BufferSlot> slots = [];
        Dictionary<string, BufferSlot> byName = new(StringComparer.Ordinal);
        long offset = 0;
        int elements = 0;
        foreach ((string name, IReadOnlyList<long> shape) in tensors)
        {
            if (string.IsNullOrEmpty(name))
                throw new ArgumentException($"Tensor {slots.Count} has no name.", nameof(tensors));
            int length = CountElements(name, shape);
            long end = (offset + length + BlockLength - 1) / BlockLength * BlockLength;
            if (end > int.MaxValue)
                throw new ArgumentException(
                    $"With tensor '{name}' the buffer would hold {end} floats; one buffer holds at most {int.MaxValue}.", nameof(tensors));
            BufferSlot slot = new(name, Array.AsReadOnly(shape.ToArray()), (int)offset, length);
            if (!byName.TryAdd(name, slot))
                throw new ArgumentException($"Two tensors are named '{name}'.", nameof(tensors));
            slots.Add(slot);
            offset = end;
            elements += length;
        }

        return new BufferLayout(slots, byName, (int)offset, elements);
    }

    /// <summary>Looks a tensor up by name.</summary>
    /// <param name="name">A tensor's name, compared ordinally.</param>
    /// <param name="slot">Its slot, or null where there is none.</param>
    /// <returns>Whether the layout has a tensor of that name.</returns>
    public bool TryGetSlot(string name, [NotNullWhen(true)] out BufferSlot? slot) => _byName.TryGetValue(name, out slot);

    /// <summary>Whether a buffer of the other layout holds the same tensors at the same places.</summary>
    /// <param name="other">The layout to compare with.</param>
    public bool IsSameAs(BufferLayout other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ReferenceEquals(this, other)
            || (Slots.Count == other.Slots.Count && Slots.Zip(other.Slots, SameSlot).All(static same => same));
    }

    private static bool SameSlot(BufferSlot a, BufferSlot b) =>
        a.Name == b.Name && a.Offset == b.Offset && a.Shape.SequenceEqual(b.Shape);

    private static int CountElements(string name, IReadOnlyList<long> shape)
    {
        if (shape is null)
            throw new ArgumentException($"Tensor '{name}' has no shape.", nameof(shape));
        if (shape.Any(static dimension => dimension < 0))
            throw new ArgumentException($"Tensor '{name}' has a negative dimension: [{string.Join(", ", shape)}].", nameof(shape));
        if (shape.Contains(0))
            return 0;
        long count = 1;
        foreach (long dimension in shape)
        {
            if (dimension > int.MaxValue / count)
                throw new ArgumentException(
                    $"Tensor '{name}' of shape [{string.Join(", ", shape)}] has more than {int.MaxValue} elements.", nameof(shape));
            count *= dimension;
        }

        return (int)count;
    }
}
