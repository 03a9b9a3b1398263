using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Strata.Ipc;

namespace Strata.Fuzz.Tests;

/// <summary>An envelope as the platform's document model reads it, by the rules of <c>api/protocol.md</c>, with no thought of speed.</summary>
internal sealed record SecondReading(string ReqIdRaw, string Method, string Token, string Proof, string Params, int DeadlineMs, bool More)
{
    private static readonly string[] Fields = ["v", "req_id", "method", "auth", "params", "deadline_ms", "more"];
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>What a request says; null when it is not well-formed.</summary>
    internal static SecondReading? Of(ReadOnlySpan<byte> payload, IpcLimits limits)
    {
        try
        {
            _ = Utf8.GetCharCount(payload);
            using var document = JsonDocument.Parse(payload.ToArray(), new JsonDocumentOptions { MaxDepth = limits.MaxDepth });
            return IsWellFormed(document.RootElement) ? Read(document.RootElement, limits) : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            // No UTF-8, no JSON, or half of a surrogate pair.
            return null;
        }
    }

    private static SecondReading? Read(JsonElement root, IpcLimits limits)
    {
        var reqId = Text(root, "req_id", limits.MaxReqIdBytes);
        var method = Text(root, "method", limits.MaxMethodBytes);
        var hasAuth = root.TryGetProperty("auth", out var auth);
        if (!Is(root, "v", "1") || string.IsNullOrEmpty(reqId) || method is null || (hasAuth && !HasOnly(auth, ["token", "proof"])))
        {
            return null;
        }

        var token = hasAuth && auth.TryGetProperty("token", out _) ? Text(auth, "token", limits.MaxTokenBytes) : "";
        var proof = hasAuth && auth.TryGetProperty("proof", out var given) ? auth.TryGetProperty("token", out _) ? ProofOf(given) : null : "";
        var deadline = 0;
        var isDeadline = !root.TryGetProperty("deadline_ms", out var ms) || (ms.ValueKind == JsonValueKind.Number && ms.TryGetInt32(out deadline) && deadline >= 1 && deadline <= limits.MaxDeadlineMs);
        var isMore = !root.TryGetProperty("more", out var more) || more.ValueKind is JsonValueKind.True or JsonValueKind.False;
        var hasParams = root.TryGetProperty("params", out var value) && value.ValueKind != JsonValueKind.Null;
        if (token is null || proof is null || !isDeadline || !isMore || (hasParams && value.ValueKind != JsonValueKind.Object))
        {
            return null;
        }

        return new SecondReading(root.GetProperty("req_id").GetRawText()[1..^1], method, token, proof, hasParams ? value.GetRawText() : "", deadline, Is(root, "more", "true"));
    }

    /// <summary>Time and signature with a colon between; null when it is no proof.</summary>
    private static string? ProofOf(JsonElement proof)
    {
        if (!HasOnly(proof, ["time", "sig"]) || !proof.TryGetProperty("time", out var time) || !proof.TryGetProperty("sig", out var sig) || sig.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var isTime = time.ValueKind == JsonValueKind.Number && time.GetRawText().All(char.IsAsciiDigit) && time.TryGetInt64(out var ms) && ms is >= 1 and <= RequestProof.MaxTimeMs;
        return isTime && IsSignature(sig.GetString()!) ? $"{time.GetRawText()}:{sig.GetString()}" : null;
    }

    /// <summary>Whether a text is 64 bytes in the one spelling of base64url without padding.</summary>
    private static bool IsSignature(string text) =>
        text.Length == RequestProof.SignatureCharacters && Base64Url.IsValid(text, out var bytes) && bytes == 64 && Base64Url.EncodeToString(Base64Url.DecodeFromChars(text)) == text;

    private static bool IsWellFormed(JsonElement root)
    {
        AssertText(root);
        return HasOnly(root, Fields);
    }

    private static bool HasOnly(JsonElement element, string[] names)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var found = element.EnumerateObject().Select(member => member.Name).ToArray();
        return found.Distinct().Count() == found.Length && found.All(names.Contains);
    }

    private static bool Is(JsonElement root, string name, string raw) => root.TryGetProperty(name, out var value) && value.GetRawText() == raw;

    private static string? Text(JsonElement element, string name, int maxBytes) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        && Encoding.UTF8.GetByteCount(value.GetRawText()[1..^1]) <= maxBytes ? value.GetString() : null;

    /// <summary>Every text of the document is one; the platform throws where it is not.</summary>
    private static void AssertText(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    AssertText(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    _ = member.Name;
                    AssertText(member.Value);
                }

                break;
        }
    }
}
