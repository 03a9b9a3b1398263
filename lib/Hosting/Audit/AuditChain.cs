using System.Buffers;
using Strata.Policy;

namespace Strata.Hosting;

/// <summary>
/// Chains lines on their way into an audit file, and seals the chain. Its end is what the file says when that is opened, or what
/// was written last when the file says less: then the gap stays to be seen.
/// </summary>
internal sealed class AuditChain(IAuditFile file)
{
    private readonly ArrayBufferWriter<byte> _lines = new();
    private AuditHead _head = AuditHead.Genesis;

    /// <summary>Records since the last seal of this process.</summary>
    internal long Unsealed { get; private set; }

    /// <summary>Appends records, all of them or none.</summary>
    /// <param name="records">JSON objects, each with a newline.</param>
    /// <exception cref="IOException">Nothing was appended.</exception>
    internal void Append(ReadOnlySpan<byte> records)
    {
        var head = OpenHead();
        var first = head.Seq;
        while (records.IndexOf((byte)'\n') is var end and >= 0)
        {
            head = AuditLine.Write(_lines, head, records[..end]);
            records = records[(end + 1)..];
        }

        file.Append(_lines.WrittenSpan);
        Unsealed += head.Seq - first;
        _head = head;
    }

    /// <summary>Appends a seal after everything so far.</summary>
    /// <exception cref="AuditSealException">It was not made.</exception>
    /// <exception cref="IOException">It could not be written, or what it seals not be put on disk.</exception>
    internal async Task SealAsync(IAuditSealer sealer, byte[] record, CancellationToken cancellation)
    {
        // What identity remembers must still be there after a crash.
        file.Sync();
        var head = OpenHead();
        var signature = await sealer.SealAsync(head, AuditLine.DigestOfSeal(head, record), cancellation).ConfigureAwait(false);
        var next = AuditLine.WriteSeal(_lines, head, record, signature);
        file.Append(_lines.WrittenSpan);
        (_head, Unsealed) = (next, 0);
    }

    private AuditHead OpenHead()
    {
        _lines.ResetWrittenCount();
        var stored = file.Open();
        return stored.Seq >= _head.Seq ? stored : _head;
    }
}
