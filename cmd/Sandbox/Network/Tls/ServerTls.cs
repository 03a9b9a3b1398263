using System.Net.Security;
using System.Security.Authentication;

namespace Strata.Sandbox;

/// <summary>Speaks TLS to servers, whose certificates must be of their name and of somebody whom the host trusts.</summary>
internal static class ServerTls
{
    /// <summary>Begins to.</summary>
    /// <exception cref="NetworkFault">The server cannot be spoken to, or is not who it should be.</exception>
    internal static async Task BeginAsync(SessionNetwork network, Destination to, OpenConnection connection, SslStream encrypted)
    {
        using var limit = new IdleLimit(network.Shared.Limits.ConnectTime, network.Shared.Time, connection.Ended);
        try
        {
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = to.Name ?? to.Address!.ToString(), CertificateChainPolicy = network.Shared.Trust?.Invoke(), ApplicationProtocols = [SslApplicationProtocol.Http11],
            };
            await encrypted.AuthenticateAsClientAsync(options, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            if (e is AuthenticationException)
            {
                // Somebody may stand between: that is for more eyes than the program's.
                network.Deny(to, NetworkReasons.TlsFailed);
            }

            throw new NetworkFault(NetworkFaultKind.Unreachable, NetworkReasons.TlsFailed, $"{to} cannot be spoken to over TLS: {e.Message}");
        }
    }
}
