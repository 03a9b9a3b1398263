using System.Security.Cryptography;
using Strata.Policy;

namespace Strata.Hosting.Tests.Logging;

/// <summary>Seals as identity would, as long as a test lets it.</summary>
internal sealed class TestSealer : IAuditSealer, IDisposable
{
    private readonly Ed25519PrivateKey _key = Ed25519Provider.Create().ImportSeed(SHA256.HashData("audit"u8));

    internal AuditSealException? Refusal { get; set; }

    internal List<AuditHead> Asked { get; } = [];

    /// <summary>Answers only when it is told not to.</summary>
    internal bool Hangs { get; set; }

    public Task<byte[]> SealAsync(AuditHead head, string digest, CancellationToken cancellation)
    {
        lock (Asked)
        {
            Asked.Add(head);
        }

        if (Hangs)
        {
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation).ContinueWith(
                Task<byte[]> (_) => Task.FromCanceled<byte[]>(cancellation), TaskScheduler.Default).Unwrap();
        }

        return Refusal is { } refusal ? Task.FromException<byte[]>(refusal) : Task.FromResult(AuditSeal.Sign(_key, "local-0", "fs", head.Seq + 1, digest));
    }

    /// <summary>Verifies files as one log, the oldest first.</summary>
    internal AuditVerifier Verify(params string[] paths)
    {
        var verifier = new AuditVerifier(Ed25519Provider.Create(), "local-0", "fs", _key.PublicKey.ToArray(), null, mayBegin: false);
        foreach (var line in paths.SelectMany(File.ReadAllLines))
        {
            verifier.Feed(System.Text.Encoding.UTF8.GetBytes(line));
        }

        verifier.Finish();
        return verifier;
    }

    public void Dispose() => _key.Dispose();
}
