using System.Globalization;
using System.Text;

namespace Strata.Policy;

/// <summary>What identity's audit key signs: that a service's log of a node had a certain content up to a certain record.</summary>
public static class AuditSeal
{
    private static ReadOnlySpan<byte> Purpose => "strata.audit.seal.v1"u8;

    /// <summary>Signs.</summary>
    /// <param name="key">The audit key.</param>
    /// <param name="node">Name of the node.</param>
    /// <param name="service">The service whose log it is.</param>
    /// <param name="seq">Number of the seal's record.</param>
    /// <param name="digest">Digest of the seal, 64 lower-case hex digits.</param>
    public static byte[] Sign(Ed25519PrivateKey key, string node, string service, long seq, string digest)
    {
        var signature = new byte[IEd25519.SignatureBytes];
        key.Sign(Message(node, service, seq, digest), signature);
        return signature;
    }

    /// <summary>Tells whether a seal is the audit key's.</summary>
    public static bool Verify(IEd25519 provider, ReadOnlySpan<byte> publicKey, string node, string service, AuditLine seal) =>
        seal is { Signature: { } signature, Digest: { } digest } && provider.Verify(publicKey, Message(node, service, seal.Seq, digest), signature);

    private static byte[] Message(string node, string service, long seq, string digest) => PreAuthenticationEncoding.Of(
        Purpose.ToArray(), Encoding.UTF8.GetBytes(node), Encoding.UTF8.GetBytes(service),
        Encoding.ASCII.GetBytes(seq.ToString(CultureInfo.InvariantCulture)), Encoding.ASCII.GetBytes(digest));
}
