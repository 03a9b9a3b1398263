using System.Globalization;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// Serves <c>identity.seal</c> and <c>identity.seals</c>, and seals identity's own log: remembers how far a log goes, then signs.
/// A log that has become shorter, or another one, gets no seal.
/// </summary>
/// <param name="key">The audit key.</param>
/// <param name="register">What was sealed.</param>
/// <param name="node">Name of the node.</param>
/// <param name="time">The clock.</param>
internal sealed class AuditSealer(Ed25519PrivateKey key, SealRegister register, string node, TimeProvider time) : IAuditSealer
{
    private readonly Lock _sealing = new();

    public Task<byte[]> SealAsync(AuditHead head, string digest, CancellationToken cancellation)
    {
        var signed = Sign("identity", head, digest);
        return signed.Error is { } error
            ? Task.FromException<byte[]>(new AuditSealException(error.Message) { IsBehind = error.Reason == SealReasons.Behind })
            : Task.FromResult(signed.Value!);
    }

    internal Reply<SealResult> Seal(SealParams wanted)
    {
        if (!CapabilityNames.IsService(wanted.Service))
        {
            return RpcError.InvalidField("service", "the field \"service\" must be the name of a service");
        }

        if (!IsHash(wanted.Hash))
        {
            return RpcError.InvalidField("hash", "the field \"hash\" must be 64 lower-case hex digits");
        }

        if (!IsHash(wanted.Digest))
        {
            return RpcError.InvalidField("digest", "the field \"digest\" must be 64 lower-case hex digits");
        }

        var signed = Sign(wanted.Service, new AuditHead(wanted.Seq, wanted.Hash), wanted.Digest);
        return signed.Error is { } error ? error : new SealResult(Convert.ToHexStringLower(signed.Value!));
    }

    internal SealsResult Seals()
    {
        lock (_sealing)
        {
            return new SealsResult(Convert.ToHexStringLower(key.PublicKey), node, register.Logs);
        }
    }

    private Reply<byte[]> Sign(string service, AuditHead head, string digest)
    {
        lock (_sealing)
        {
            if (!register.Continues(service, head))
            {
                var known = register.Logs.First(l => l.Service == service);
                return RpcError.Conflict(
                    $"record {known.Seq} of {service}'s audit log was sealed, and the log now ends at record {head.Seq}, or is another one: records were removed or replaced")
                    with { Reason = SealReasons.Behind };
            }

            if (!register.HasRoomFor(service))
            {
                return RpcError.ResourceExhausted($"{SealRegister.MaxLogs} audit logs are sealed already; no more are remembered", "too_many_logs");
            }

            try
            {
                register.Remember(new SealedLog(service, head.Seq, head.Hash, time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)));
            }
            catch (IOException e)
            {
                return RpcError.Unavailable($"what is sealed could not be stored: {e.Message}", "storage_failed");
            }

            return AuditSeal.Sign(key, node, service, head.Seq + 1, digest);
        }
    }

    private static bool IsHash(string text) => text.Length == AuditHead.HashDigits && text.All(char.IsAsciiHexDigitLower);
}
