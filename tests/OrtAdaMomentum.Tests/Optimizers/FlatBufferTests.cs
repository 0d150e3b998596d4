using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.Optimizers;

public class FlatBufferTests
{
    [Fact]
    public void A_new_buffer_is_zero_and_aligned()
    {
        using FlatBuffer buffer = new(Buffers.Layout(1000, 3));

        Assert.Equal(0, buffer.Address % 64);
        Assert.Equal(buffer.Layout.Length, buffer.Span.Length);
        Assert.False(buffer.Span.ContainsAnyExcept(0f));
    }

    [Fact]
    public void The_packed_form_has_no_padding_and_comes_back()
    {
        BufferLayout layout = Buffers.Layout(3, 0, 17, 1);
        float[] packed = [.. Enumerable.Range(1, layout.ElementCount).Select(i => (float)i)];
        using FlatBuffer buffer = Buffers.Of(layout, packed);

        Assert.Equal([1f, 2f, 3f], buffer[layout.Slots[0]].ToArray());
        Assert.Equal(21f, buffer[layout.Slots[3]][0]);
        Assert.True(Buffers.PaddingIsZero(buffer));
        Assert.Equal(packed, Buffers.Packed(buffer));
    }

    [Fact]
    public void A_packed_form_of_another_length_is_refused()
    {
        using FlatBuffer buffer = new(Buffers.Layout(3));

        Assert.Throws<ArgumentException>(() => buffer.CopyFromPacked(new float[2]));
        Assert.Throws<ArgumentException>(() => buffer.CopyToPacked(new float[4]));
    }

    [Fact]
    public void Buffers_of_one_layout_can_be_copied()
    {
        using FlatBuffer source = Buffers.Random(Buffers.Layout(20, 5), 1);
        using FlatBuffer copy = new(Buffers.Layout(20, 5));
        using FlatBuffer other = new(Buffers.Layout(5, 20));
        source.CopyTo(copy);

        Assert.Equal(Buffers.Bits(source), Buffers.Bits(copy));
        Assert.Throws<ArgumentException>(() => source.CopyTo(other));
        copy.Clear();
        Assert.False(copy.Span.ContainsAnyExcept(0f));
    }

    [Fact]
    public void A_disposed_buffer_says_so()
    {
        FlatBuffer buffer = new(Buffers.Layout(3));
        buffer.Dispose();
        buffer.Dispose();

        Assert.Throws<ObjectDisposedException>(() => buffer.Address);
        Assert.Throws<ObjectDisposedException>(() => buffer.Clear());
    }
}
