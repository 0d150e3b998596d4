using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.Optimizers;

public class BufferLayoutTests
{
    [Fact]
    public void Every_tensor_starts_at_a_64_byte_boundary_in_the_given_order()
    {
        BufferLayout layout = BufferLayout.Create([("w", [3, 7]), ("scalar", []), ("empty", [4, 0]), ("b", [16]), ("c", [2])]);

        Assert.Equal([("w", 0, 21), ("scalar", 32, 1), ("empty", 48, 0), ("b", 48, 16), ("c", 64, 2)],
            layout.Slots.Select(slot => (slot.Name, slot.Offset, slot.Length)));
        Assert.Equal(80, layout.Length);
        Assert.Equal(40, layout.ElementCount);
        Assert.Equal([3L, 7L], layout["w"].Shape);
    }

    [Fact]
    public void A_layout_of_nothing_is_empty()
    {
        BufferLayout layout = BufferLayout.Create([]);
        using FlatBuffer buffer = new(layout);

        Assert.Equal(0, layout.Length);
        Assert.True(buffer.Span.IsEmpty);
    }

    [Fact]
    public void Slots_are_found_by_name()
    {
        BufferLayout layout = Buffers.Layout(5);

        Assert.True(layout.TryGetSlot("tensor0", out BufferSlot? slot));
        Assert.Same(slot, layout["tensor0"]);
        Assert.False(layout.TryGetSlot("Tensor0", out _));
        Assert.Contains("'other'", Assert.Throws<KeyNotFoundException>(() => layout["other"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_shape_is_copied()
    {
        long[] shape = [2, 3];
        BufferLayout layout = BufferLayout.Create([("w", shape)]);
        shape[0] = 100;

        Assert.Equal([2L, 3L], layout["w"].Shape);
    }

    [Fact]
    public void Impossible_tensors_are_refused_by_name()
    {
        Assert.Contains("'twice'", Refused(("twice", [1]), ("twice", [2])), StringComparison.Ordinal);
        Assert.Contains("negative dimension: [2, -1]", Refused(("w", [2, -1])), StringComparison.Ordinal);
        Assert.Contains("no name", Refused(("", [2])), StringComparison.Ordinal);
        Assert.Contains("'big'", Refused(("big", [1L << 31])), StringComparison.Ordinal);
        Assert.Contains("'big'", Refused(("big", [long.MaxValue, long.MaxValue])), StringComparison.Ordinal);
        Assert.Contains("'second'", Refused(("first", [1 << 30]), ("second", [1 << 30])), StringComparison.Ordinal);

        static string Refused(params (string, IReadOnlyList<long>)[] tensors) =>
            Assert.Throws<ArgumentException>(() => BufferLayout.Create(tensors)).Message;
    }

    [Fact]
    public void Layouts_are_the_same_when_names_shapes_and_places_are()
    {
        BufferLayout layout = BufferLayout.Create([("a", [2, 3]), ("b", [4])]);

        Assert.True(layout.IsSameAs(BufferLayout.Create([("a", [2, 3]), ("b", [4])])));
        Assert.False(layout.IsSameAs(BufferLayout.Create([("a", [3, 2]), ("b", [4])])));
        Assert.False(layout.IsSameAs(BufferLayout.Create([("b", [4]), ("a", [2, 3])])));
        Assert.False(layout.IsSameAs(BufferLayout.Create([("a", [2, 3])])));
    }
}
