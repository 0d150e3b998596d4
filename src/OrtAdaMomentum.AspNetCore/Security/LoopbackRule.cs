using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>Whether a request comes from this machine, judged by its connection, because a header says what its sender likes.</summary>
internal static class LoopbackRule
{
    /// <summary>Headers by which a proxy says for whom it asks. Behind one every connection is a local one, so the rule would let everyone in.</summary>
    private static readonly string[] ProxyHeaders = ["Forwarded", "X-Forwarded-For", "X-Original-For", "X-Real-IP"];

    /// <summary>Why the request is refused; null when it is let in.</summary>
    public static string? Problem(HttpContext context, FineTuningWebOptions options)
    {
        if (!IsLocal(context))
            return "Only processes on this machine may use this. Set Access to ApiKey to let others in with a key.";
        if (ProxyHeaders.FirstOrDefault(context.Request.Headers.ContainsKey) is { } header)
            return $"The request came through a proxy (it has the header {header}), so it is not known to be local. Set Access to ApiKey.";
        string host = context.Request.Host.Host;
        return IsLocalName(host) || options.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase)
            ? null
            : $"The host '{host}' is no name of this machine. Use localhost, or add the name to AllowedHosts.";
    }

    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address
            ? IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
            : context.Features.Get<IConnectionSocketFeature>()?.Socket.AddressFamily == AddressFamily.Unix;

    private static bool IsLocalName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
