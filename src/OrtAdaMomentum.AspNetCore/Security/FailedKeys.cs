using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>
/// Counts wrong keys by address, so that keys cannot be tried as fast as the machine answers. Memory is bounded. An address that has sent no wrong key is
/// never turned away, however many others have.
/// </summary>
internal sealed class FailedKeys(CurrentWebOptions options, TimeProvider time)
{
    /// <summary>Addresses that are known at once.</summary>
    public const int MostAddresses = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, LeakyBucket> _addresses = [];
    private LeakyBucket _total;

    /// <summary>How many addresses are known.</summary>
    public int Addresses
    {
        get
        {
            lock (_lock)
                return _addresses.Count;
        }
    }

    /// <summary>
    /// Takes down whether a key was right. While an address has to wait, it is told nothing of its keys, right ones included: otherwise it could go on trying.
    /// </summary>
    /// <param name="remote">Where the request came from; null where that is not known, as on a Unix domain socket.</param>
    /// <param name="isRight">Whether the key was right.</param>
    /// <returns>How long the address has to wait; zero where it need not.</returns>
    public TimeSpan Take(IPAddress? remote, bool isRight)
    {
        var value = options.Value;
        var (most, mostInTotal, period) = (value.MaximumFailedKeys, value.MaximumFailedKeysInTotal, value.FailedKeyPeriod);
        var address = Group(remote);
        lock (_lock)
        {
            if (_addresses.TryGetValue(address, out var failed))
            {
                var wait = failed.WaitFor(most, period, time);
                // Many addresses together get no more than is allowed in all: of each that has failed before, nothing more is taken.
                if (failed.Level(most, period, time) > 0)
                    wait = TimeSpan.FromTicks(Math.Max(wait.Ticks, _total.WaitFor(mostInTotal, period, time).Ticks));
                if (wait > TimeSpan.Zero)
                    return wait;
            }

            if (isRight)
                return TimeSpan.Zero;
            if (!_addresses.ContainsKey(address) && _addresses.Count >= MostAddresses)
                MakeRoom(most, period);
            CollectionsMarshal.GetValueRefOrAddDefault(_addresses, address, out _).Add(most, period, time);
            _total.Add(mostInTotal, period, time);
            return TimeSpan.Zero;
        }
    }

    /// <summary>Forgets addresses whose failures have drained away, and if there are none the one with the fewest.</summary>
    private void MakeRoom(int most, TimeSpan period)
    {
        (IPAddress? Address, double Level) least = (null, double.MaxValue);
        foreach (var (address, bucket) in _addresses)
        {
            double level = bucket.Level(most, period, time);
            if (level == 0)
                _addresses.Remove(address);
            else if (level < least.Level)
                least = (address, level);
        }

        if (_addresses.Count >= MostAddresses)
            _addresses.Remove(least.Address!);
    }

    /// <summary>What counts as one address: of IPv6 the network, since whoever has one has all addresses of it.</summary>
    private static IPAddress Group(IPAddress? remote)
    {
        if (remote is null)
            return IPAddress.None;
        if (remote.IsIPv4MappedToIPv6)
            return remote.MapToIPv4();
        if (remote.AddressFamily != AddressFamily.InterNetworkV6)
            return remote;
        byte[] bytes = remote.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
