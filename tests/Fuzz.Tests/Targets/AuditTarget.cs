using System.Buffers;
using System.Text;
using Strata.Policy;
using static Strata.Fuzz.Tests.BrokenInvariantException;

namespace Strata.Fuzz.Tests;

/// <summary>
/// An audit log: whatever became of it, one that is not what was sealed is never found whole, not even when whoever changed it
/// numbered and chained all records anew; and without seals it is whole exactly when a plain reading finds it chained.
/// </summary>
internal sealed class AuditTarget : FuzzTarget
{
    private const string Node = "n1";
    private const string Service = "fs";

    private readonly MacProvider _provider = new();
    private readonly byte[] _publicKey = new byte[IEd25519.PublicKeyBytes];
    private readonly byte[] _sealed;
    private readonly AuditHead _end;

    internal AuditTarget()
    {
        var log = new ArrayBufferWriter<byte>();
        _end = Seal(log, Records(log, Seal(log, Records(log, AuditHead.Genesis, 2)), 1));
        _sealed = log.WrittenSpan.ToArray();
    }

    internal override string Name => "audit";

    internal override int MaxBytes => 4096;

    internal override IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. Texts("\n", "{\"seq\":", "{\"seq\":1,", "\"prev\":\"", "\",\"prev\":\"", "\",", "\"}", "}", "\"event\":\"audit.sealed\"", "\"event\":\"fs.open\"", ",\"outcome\":\"allowed\"", "\"sig\":\"", ",\"sig\":\"", "01", "+1", "-1", "0", "9223372036854775807", "\r\n", " "),
        Encoding.ASCII.GetBytes(AuditHead.Genesis.Hash), Encoding.ASCII.GetBytes(new string('a', IEd25519.SignatureBytes * 2)),
    ];

    internal override IEnumerable<byte[]> Seeds => [_sealed];

    internal override Outcome Execute(ReadOnlySpan<byte> input)
    {
        var fault = Verify(input, null, null);
        var isChained = PlainChain.IsWhole(input);
        Unless(fault is null == isChained, isChained ? $"a whole chain has a fault: {fault}" : "a broken chain is found whole");
        Unless(fault is null or { Message.Length: > 0, Seq: > 0 }, "a fault without words or place");
        // Where the chain alone is broken, the seals have little to add: looked at now and then.
        if (fault is null || input.Length % 8 == 0)
        {
            AssertOnlyWholeIfSealed(input);
        }

        if (fault is not null && input.Length % 4 == 2)
        {
            // What somebody can do who may write the file and has read how it is made, but has no key.
            AssertOnlyWholeIfSealed(PlainChain.Rechained(input));
        }

        return new Outcome(fault is null, fault?.Message, ((int?)fault?.Kind ?? 0) + (int)(8 * Math.Min(fault?.Seq ?? 0, 7)));
    }

    private void AssertOnlyWholeIfSealed(ReadOnlySpan<byte> log)
    {
        if (Verify(log, _publicKey, _end) is null)
        {
            Unless(log.StartsWith(_sealed), "a log that is not what was sealed is found whole");
        }
    }

    private AuditFault? Verify(ReadOnlySpan<byte> log, byte[]? publicKey, AuditHead? remembered)
    {
        var verifier = new AuditVerifier(_provider, Node, Service, publicKey, remembered, mayBegin: false);
        while (log.IndexOf((byte)'\n') is var end and >= 0)
        {
            verifier.Feed(log[..end]);
            log = log[(end + 1)..];
        }

        return verifier.Finish(log.Length);
    }

    private static AuditHead Records(ArrayBufferWriter<byte> log, AuditHead head, int count)
    {
        for (; count > 0; count--)
        {
            head = AuditLine.Write(log, head, Encoding.UTF8.GetBytes($$"""{"event":"fs.open","outcome":"allowed","resource":"/srv/{{head.Seq}}"}"""));
        }

        return head;
    }

    private AuditHead Seal(ArrayBufferWriter<byte> log, AuditHead head)
    {
        var record = """{"event":"audit.sealed","outcome":"done"}"""u8;
        using var key = _provider.Generate();
        return AuditLine.WriteSeal(log, head, record, AuditSeal.Sign(key, Node, Service, head.Seq + 1, AuditLine.DigestOfSeal(head, record)));
    }
}
