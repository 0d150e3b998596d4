using System.Threading.Channels;

namespace OrtAdaMomentum.Personalization;

/// <summary>Wakes a waiting loop. Several calls before it wakes count as one; a call while nobody waits is kept.</summary>
internal sealed class WakeUp
{
    private readonly Channel<bool> _channel =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Set() => _channel.Writer.TryWrite(true);

    public async ValueTask WaitAsync(CancellationToken cancellationToken) =>
        _ = await _channel.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
}
