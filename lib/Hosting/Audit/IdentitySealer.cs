using Strata.Contracts;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Hosting;

/// <summary>Has the audit log of a service sealed by the node's identity service.</summary>
/// <param name="settings">The node.</param>
/// <param name="service">The service whose log it is.</param>
public sealed class IdentitySealer(NodeSettings settings, string service) : IAuditSealer
{
    /// <inheritdoc/>
    public async Task<byte[]> SealAsync(AuditHead head, string digest, CancellationToken cancellation)
    {
        try
        {
            // A seal is rare: no connection is kept for the next one.
            var client = await RpcClient.ConnectAsync(settings.SocketOf("identity"), cancellation: cancellation).ConfigureAwait(false);
            await using (client.ConfigureAwait(false))
            {
                var wanted = RpcRequest.Of("identity.seal", new SealParams(service, head.Seq, head.Hash, digest), ContractsJson.Default.SealParams);
                var answer = await client.SendAsync(wanted, cancellation).ConfigureAwait(false);
                return SignatureOf(answer);
            }
        }
        catch (RpcException e)
        {
            throw new AuditSealException(e.Message, e);
        }
        catch (OperationCanceledException e)
        {
            throw new AuditSealException("identity did not answer in time", e);
        }
    }

    private static byte[] SignatureOf(RpcResponse answer)
    {
        if (answer.Error is { } error)
        {
            throw new AuditSealException(error.Message) { IsBehind = error.Reason == SealReasons.Behind };
        }

        try
        {
            var signature = Convert.FromHexString(answer.Get(ContractsJson.Default.SealResult).Signature);
            return signature.Length == IEd25519.SignatureBytes ? signature : throw new AuditSealException("identity's answer is no signature");
        }
        catch (FormatException e)
        {
            throw new AuditSealException("identity's answer is no signature", e);
        }
    }
}
