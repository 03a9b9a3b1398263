using Strata.Policy;

namespace Strata.Hosting;

/// <summary>Has the end of an audit log signed by identity's audit key.</summary>
public interface IAuditSealer
{
    /// <summary>Signs.</summary>
    /// <param name="head">The end of the log, on disk already.</param>
    /// <param name="digest">Digest of the seal that is to follow it.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>The signature, <see cref="IEd25519.SignatureBytes"/> bytes.</returns>
    /// <exception cref="AuditSealException">There is none now, or there will be none.</exception>
    Task<byte[]> SealAsync(AuditHead head, string digest, CancellationToken cancellation);
}
