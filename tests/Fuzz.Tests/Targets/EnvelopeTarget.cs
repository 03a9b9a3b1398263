using System.Text;
using System.Text.Json;
using Strata.Ipc;
using static Strata.Fuzz.Tests.BrokenInvariantException;

namespace Strata.Fuzz.Tests;

/// <summary>
/// A request's envelope, read once as a node does and once by the platform's document model: both must take the same requests and
/// see the same in them, for where two readers differ one can be played against the other.
/// </summary>
internal sealed class EnvelopeTarget : FuzzTarget
{
    // Smaller than a node's, so that values at the limit and past it are not rare.
    private static readonly IpcLimits Limits = new() { MaxDepth = 6, MaxReqIdBytes = 24, MaxMethodBytes = 16, MaxTokenBytes = 48 };

    internal override string Name => "envelope";

    internal override int MaxBytes => 1024;

    internal override IReadOnlyList<byte[]> Tokens { get; } = Texts(
        "\"v\":1,", "\"v\":1", "\"v\":2,", "\"req_id\":\"a\",", "\"req_id\":\"\",", "\"method\":\"fs.read\",", "\"auth\":{\"token\":\"v2.public.x\"},", "\"auth\":{},", "\"auth\":null,",
        "\"params\":{\"a\":1},", "\"params\":{},", "\"params\":null,", "\"params\":[],", "\"deadline_ms\":1,", "\"deadline_ms\":3600000,", "\"deadline_ms\":3600001,", "\"more\":true,", "\"more\":false,",
        "\"token\":\"x\"", "\"proof\":{\"time\":1,\"sig\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQ\"}", ",\"proof\":{", "\"time\":9007199254740991", "\"sig\":\"",  "\"Token\":\"x\"", ",\"x\":1", "\"\\u0076\":1,", "{\"a\":", "[[[[", "]]]]", "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "//", "/**/", "aaaaaaaaaaaaaaaa");

    internal override Outcome Execute(ReadOnlySpan<byte> input)
    {
        var envelope = default(RequestEnvelope);
        var fault = EnvelopeReader.Read(input, Limits, ref envelope);
        Unless(fault is null or { Length: > 0 }, "a fault without words");
        Unless(fault is null || !fault.Any(char.IsControl), "a fault with control characters");
        if (fault is null || !fault.Contains("not valid JSON", StringComparison.Ordinal))
        {
            AssertSecondReading(input, fault, envelope);
        }

        if (fault is not null && !envelope.ReqIdRaw.IsEmpty)
        {
            AssertCanBeEchoed(envelope.ReqIdRaw);
        }

        return new Outcome(fault is null, fault, (envelope.Token.IsEmpty ? 0 : 1) | (envelope.Params.IsEmpty ? 0 : 2) | (envelope.DeadlineMs == 0 ? 0 : 4) | (envelope.More ? 8 : 0) | (envelope.Proof.Signature.IsEmpty ? 0 : 16));
    }

    private static void AssertSecondReading(ReadOnlySpan<byte> input, string? fault, RequestEnvelope envelope)
    {
        var second = SecondReading.Of(input, Limits);
        Unless(second is not null || fault is not null, "accepted, and the second reading refuses it");
        Unless(second is null || fault is null, $"refused, and the second reading finds it good: {fault}");
        if (second is not null)
        {
            Unless(Encoding.UTF8.GetString(envelope.ReqIdRaw) == second.ReqIdRaw, "req_id differs");
            Unless(Encoding.UTF8.GetString(envelope.Method) == second.Method, "method differs");
            Unless(Encoding.UTF8.GetString(envelope.Token) == second.Token, "token differs");
            Unless((envelope.Proof.Signature.IsEmpty ? "" : $"{envelope.Proof.TimeMs}:{Encoding.UTF8.GetString(envelope.Proof.Signature)}") == second.Proof, "proof differs");
            Unless(Encoding.UTF8.GetString(envelope.Params) == second.Params, "params differ");
            Unless(envelope.DeadlineMs == second.DeadlineMs && envelope.More == second.More, "deadline_ms or more differs");
        }
    }

    private static void AssertCanBeEchoed(ReadOnlySpan<byte> reqIdRaw)
    {
        byte[] quoted = [(byte)'"', .. reqIdRaw, (byte)'"'];
        using var document = JsonDocument.Parse(quoted);
        Unless(document.RootElement.GetString() is not null && reqIdRaw.Length <= Limits.MaxReqIdBytes, "an id that cannot be echoed");
    }
}
