using System.Buffers;
using System.Text;

namespace Strata.Policy.Tests.Audit;

/// <summary>Logs as a service would write them, and the verdict on what became of them.</summary>
internal sealed class SampleLog : IDisposable
{
    internal const string Node = "n1";
    internal const string Service = "fs";

    private readonly IEd25519 _provider = Ed25519Provider.Create();
    private readonly Ed25519PrivateKey _key;
    private readonly ArrayBufferWriter<byte> _text = new();

    internal SampleLog() => _key = _provider.ImportSeed(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());

    internal AuditHead Head { get; private set; } = AuditHead.Genesis;

    internal byte[] Bytes => _text.WrittenSpan.ToArray();

    internal string[] Lines => Encoding.UTF8.GetString(Bytes).TrimEnd('\n').Split('\n');

    internal SampleLog Records(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Head = AuditLine.Write(_text, Head, Encoding.UTF8.GetBytes($$"""{"event":"fs.open","outcome":"allowed","resource":"/srv/{{Head.Seq}}"}"""));
        }

        return this;
    }

    internal SampleLog Seal(string? node = null)
    {
        var record = Encoding.UTF8.GetBytes($$"""{"event":"audit.sealed","outcome":"allowed","node":"{{node ?? Node}}"}""");
        var signature = AuditSeal.Sign(_key, node ?? Node, Service, Head.Seq + 1, AuditLine.DigestOfSeal(Head, record));
        Head = AuditLine.WriteSeal(_text, Head, record, signature);
        return this;
    }

    internal AuditVerifier Verify(ReadOnlySpan<byte> text, AuditHead? remembered = null, bool mayBegin = false)
    {
        var verifier = new AuditVerifier(_provider, Node, Service, _key.PublicKey.ToArray(), remembered, mayBegin);
        while (text.IndexOf((byte)'\n') is var end and >= 0)
        {
            verifier.Feed(text[..end]);
            text = text[(end + 1)..];
        }

        verifier.Finish(text.Length);
        return verifier;
    }

    internal AuditFault? FaultOf(params string[] lines) => Verify(Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n")))).Fault;

    public void Dispose() => _key.Dispose();
}
