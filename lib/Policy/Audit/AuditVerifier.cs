using System.Text.Json;

namespace Strata.Policy;

/// <summary>
/// Checks one service's audit log, line by line from the oldest: every record builds on the one before, every seal is the audit
/// key's, and the log contains what identity remembers to have sealed. Stops at the first fault.
/// </summary>
/// <remarks>What follows the last seal is only chained: whoever may write the file could have replaced it. <see cref="Unsealed"/> counts it.</remarks>
/// <param name="provider">Checks signatures.</param>
/// <param name="node">Name of the node.</param>
/// <param name="service">The service whose log it is.</param>
/// <param name="auditKey">The audit key's public half; null when it is not known, so that seals are not checked.</param>
/// <param name="remembered">The newest record that identity remembers to have sealed; null when it remembers none or was not asked.</param>
/// <param name="mayBegin">Whether the log may begin after record 1, older files having been rotated away.</param>
public sealed class AuditVerifier(IEd25519 provider, string node, string service, byte[]? auditKey, AuditHead? remembered, bool mayBegin)
{
    private AuditHead _head = AuditHead.Genesis;
    private Pending? _pending;
    private bool _foundRemembered;

    /// <summary>Number of the first record; 0 before one was seen.</summary>
    public long First { get; private set; }

    /// <summary>The last good record.</summary>
    public AuditHead Head => _head;

    /// <summary>Seals that were found to be the audit key's.</summary>
    public int Seals { get; private set; }

    /// <summary>Records after the last seal.</summary>
    public long Unsealed { get; private set; }

    /// <summary>The first fault, or null so far.</summary>
    public AuditFault? Fault { get; private set; }

    /// <summary>Takes the next line.</summary>
    /// <param name="line">Without its newline; copied.</param>
    /// <returns>False once a fault was found: no further line is looked at.</returns>
    public bool Feed(ReadOnlySpan<byte> line)
    {
        if (Fault is not null)
        {
            return false;
        }

        var next = new Pending(AuditLine.TryParse(line), IsJson(line));
        if (_pending is { } pending)
        {
            Check(pending, next.Line);
        }

        _pending = next;
        return Fault is null;
    }

    /// <summary>Ends the log.</summary>
    /// <param name="tornBytes">Bytes after the last newline; 0 when the log ends with one.</param>
    public AuditFault? Finish(int tornBytes = 0)
    {
        if (Fault is null && _pending is { } last)
        {
            Check(last, null);
        }

        _pending = null;
        if (Fault is null && tornBytes > 0)
        {
            Fail(AuditFaultKind.Torn, _head.Seq + 1, $"record {_head.Seq + 1} is incomplete: {tornBytes} bytes without an end of line");
        }

        if (Fault is null && remembered is { } sealedAt && !_foundRemembered)
        {
            Fail(AuditFaultKind.Truncated, Math.Min(_head.Seq, sealedAt.Seq) + 1, sealedAt.Seq > _head.Seq
                ? $"the log ends at record {_head.Seq}, but identity sealed record {sealedAt.Seq}: what came after record {_head.Seq} was removed"
                : $"the log begins after record {sealedAt.Seq}, the last that identity sealed");
        }

        return Fault;
    }

    private void Check(Pending pending, AuditLine? next)
    {
        var expected = _head.Seq + 1;
        if (pending.Line is not { } line || !pending.IsJson)
        {
            Fail(AuditFaultKind.Altered, expected, $"record {expected} was altered: its line is not a record of a chained log");
            return;
        }

        if (First == 0)
        {
            if (line.Seq > 1 && mayBegin)
            {
                (_head, expected) = (new AuditHead(line.Seq - 1, line.Prev), line.Seq);
            }

            First = expected;
        }

        if (Misplaced(line, next, expected))
        {
            return;
        }

        if (line.Prev != _head.Hash)
        {
            Unlinked(line, next, expected);
            return;
        }

        if (remembered is { } known && known.Seq == line.Seq)
        {
            _foundRemembered = true;
            if (known.Hash != line.Hash)
            {
                Fail(AuditFaultKind.Truncated, line.Seq, $"record {line.Seq} is not the one that identity sealed: the log was replaced or written anew");
                return;
            }
        }

        if (!line.IsSeal)
        {
            Unsealed++;
        }
        else if (!IsGoodSeal(line))
        {
            return;
        }

        _head = new AuditHead(line.Seq, line.Hash);
    }

    private bool Misplaced(AuditLine line, AuditLine? next, long expected)
    {
        if (line.Seq == expected)
        {
            return false;
        }

        if (next is not null && next.Seq == expected + 1 && next.Seq != line.Seq)
        {
            Fail(AuditFaultKind.Altered, expected, $"record {expected} was altered: it has the number {line.Seq}");
        }
        else if (line.Seq < expected || (next is not null && next.Seq < line.Seq))
        {
            Fail(AuditFaultKind.Reordered, expected, $"record {line.Seq} stands where record {expected} belongs");
        }
        else
        {
            Fail(AuditFaultKind.Dropped, expected, line.Seq == expected + 1 ? $"record {expected} is missing" : $"records {expected} to {line.Seq - 1} are missing");
        }

        return true;
    }

    /// <summary>Either this record lies about the one before it, or that one was altered: then what follows this one agrees with it.</summary>
    private void Unlinked(AuditLine line, AuditLine? next, long expected)
    {
        var isSound = next is not null ? next.Prev == line.Hash : auditKey is not null && AuditSeal.Verify(provider, auditKey, node, service, line);
        if (isSound && expected > First)
        {
            Fail(AuditFaultKind.Altered, expected - 1, $"record {expected - 1} was altered: it is not the one that record {expected} was written after");
        }
        else
        {
            Fail(AuditFaultKind.Altered, expected, $"record {expected} was altered: it does not name the record before it");
        }
    }

    private bool IsGoodSeal(AuditLine line)
    {
        if (line.Signature is null || (auditKey is not null && !AuditSeal.Verify(provider, auditKey, node, service, line)))
        {
            Fail(AuditFaultKind.BadSeal, line.Seq, $"record {line.Seq} is a seal that the audit key did not make: it, or the node's name, was altered");
            return false;
        }

        (Seals, Unsealed) = (Seals + 1, 0);
        return true;
    }

    private void Fail(AuditFaultKind kind, long seq, string message) => Fault ??= new AuditFault(kind, seq, message);

    private static bool IsJson(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private sealed record Pending(AuditLine? Line, bool IsJson);
}
