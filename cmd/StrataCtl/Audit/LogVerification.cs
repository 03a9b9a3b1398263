using Strata.Contracts;
using Strata.Policy;

namespace Strata.StrataCtl.Audit;

/// <summary>What verifying one log gave.</summary>
/// <param name="Service">Whose log.</param>
/// <param name="First">Number of its first record; 0 when it has none.</param>
/// <param name="Last">Number of its last good record.</param>
/// <param name="Seals">Good seals.</param>
/// <param name="Unsealed">Records after the last seal.</param>
/// <param name="Fault">The first fault, or null.</param>
internal sealed record LogVerification(string Service, long First, long Last, int Seals, long Unsealed, AuditFault? Fault)
{
    /// <summary>Rotated files that a service keeps; with fewer, nothing was rotated away.</summary>
    private const int RotatedFiles = 4;

    private const int Attempts = 5;
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(100);

    /// <summary>Verifies a service's log. A log that is being written or rotated meanwhile is looked at again.</summary>
    /// <param name="provider">Checks signatures.</param>
    /// <param name="directory">The audit directory.</param>
    /// <param name="service">Whose log.</param>
    /// <param name="seals">What identity says to have sealed; null when it is not known.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<LogVerification> RunAsync(IEd25519 provider, string directory, string service, SealsResult? seals, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var parts = AuditLogs.PartsOf(directory, service);
            var result = TryOnce(provider, parts, service, seals);
            var moved = !parts.SequenceEqual(AuditLogs.PartsOf(directory, service));
            if (result is not null && attempt >= Attempts | (!moved && result.Fault?.Kind != AuditFaultKind.Torn))
            {
                return result;
            }

            if (attempt > Attempts * 10)
            {
                throw new IOException($"the audit log of {service} is rotated faster than it can be read");
            }

            await Task.Delay(BetweenAttempts, TimeProvider.System, cancellation).ConfigureAwait(false);
        }
    }

    private static LogVerification? TryOnce(IEd25519 provider, IReadOnlyList<AuditLogs.Part> parts, string service, SealsResult? seals)
    {
        var known = seals?.Logs.FirstOrDefault(l => l.Service == service);
        var verifier = new AuditVerifier(
            provider, seals?.Node ?? "", service, seals is null ? null : Convert.FromHexString(seals.PublicKey),
            known is null ? null : new AuditHead(known.Seq, known.Hash), mayBegin: parts.Count > RotatedFiles);
        var torn = 0;
        try
        {
            foreach (var part in parts)
            {
                using var reader = new AuditReader(part.Path);
                while (reader.TryRead(out var line))
                {
                    if (!verifier.Feed(line))
                    {
                        return Of(verifier, service);
                    }
                }

                torn = reader.TornBytes;
            }
        }
        catch (FileNotFoundException)
        {
            return null;
        }

        verifier.Finish(torn);
        return Of(verifier, service);
    }

    private static LogVerification Of(AuditVerifier verifier, string service) =>
        new(service, verifier.First, verifier.Head.Seq, verifier.Seals, verifier.Unsealed, verifier.Fault);
}
