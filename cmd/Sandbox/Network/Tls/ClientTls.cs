using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Strata.Sandbox;

/// <summary>Speaks TLS to programs inside, in the place of a host that gets a secret: of that host's name alone, and HTTP/1.1 alone.</summary>
internal static class ClientTls
{
    // A fatal alert: unrecognized_name (RFC 6066).
    private static readonly byte[] NotMine = [21, 3, 3, 0, 2, 2, 112];

    /// <summary>Begins to.</summary>
    /// <returns>False when the client wants somebody else, which was told it then.</returns>
    /// <exception cref="AuthenticationException">The client speaks no TLS, or does not want this.</exception>
    internal static async Task<bool> BeginAsync(SessionNetwork network, NetworkStream client, SslStream encrypted, OpenConnection connection)
    {
        using var limit = new IdleLimit(network.Shared.Limits.HeadTime, network.Shared.Time, connection.Ended);
        var isOther = false;
        try
        {
            await encrypted.AuthenticateAsServerAsync(
                (_, hello, _, _) =>
                {
                    isOther = !IsFor(hello.ServerName, connection.To);
                    return isOther ? throw new AuthenticationException() : ValueTask.FromResult(OptionsOf(network, connection.To.Name!));
                },
                null, limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (AuthenticationException) when (isOther)
        {
            network.Deny(connection.To, NetworkReasons.NameMismatch);
            await Farewell.SayAsync(client, client.Socket, NotMine, network.Shared.Limits, network.Shared.Time, connection.Ended).ConfigureAwait(false);
            return false;
        }
    }

    // Without a name, too, nobody knows whom the client means.
    private static bool IsFor(string name, Destination to)
    {
        try
        {
            return name.Length > 0 && HostText.Parse(name).Name == to.Name;
        }
        catch (NetworkFault)
        {
            return false;
        }
    }

    private static SslServerAuthenticationOptions OptionsOf(SessionNetwork network, string name) => new()
    {
        ServerCertificateContext = network.Authority?.LeafOf(name) ?? throw new AuthenticationException(),
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        AllowRenegotiation = false,
        // What one connection has agreed on is of no use to another, which may be to another host.
        AllowTlsResume = false,
    };
}
