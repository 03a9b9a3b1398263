using System.Buffers.Text;
using System.Text.Json;

namespace Strata.StrataCtl.Connection;

/// <summary>
/// What a token says of itself. Nothing here is verified: the signature is cut off unread, and only identity says
/// whether a token is good.
/// </summary>
internal static class TokenClaims
{
    /// <summary>The longest token looked at, in characters; the protocol's own bound.</summary>
    public const int MaxChars = 8192;

    private const int SignatureBytes = 64;

    /// <summary>Reads the claims; null when the text is not a v2 or v4 public token.</summary>
    public static JsonElement? Read(string token)
    {
        if (token.Length > MaxChars || token.Split('.') is not [("v2" or "v4"), "public", var body, ..])
        {
            return null;
        }

        try
        {
            var bytes = Base64Url.DecodeFromChars(body);
            return bytes.Length > SignatureBytes && Parse(bytes.AsMemory(..^SignatureBytes)) is { ValueKind: JsonValueKind.Object } claims ? claims : null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The id of the capability that a token is for; null when it is no token.</summary>
    public static string? CapabilityOf(string token) => Read(token) is { } claims ? Text(claims, "jti") : null;

    /// <summary>The public key that a token says it is bound to; null when it is bound to none.</summary>
    public static string? HolderKeyOf(string token) =>
        Read(token) is { } claims && claims.TryGetProperty("constraints", out var constraints) && constraints.ValueKind == JsonValueKind.Object
            ? Text(constraints, "holder_key")
            : null;

    /// <summary>Whether a token says that it holds a right.</summary>
    public static bool Names(string token, string right) =>
        Read(token) is { } claims
        && claims.TryGetProperty("rights", out var rights)
        && rights.ValueKind == JsonValueKind.Array
        && rights.EnumerateArray().Any(r => r.ValueKind == JsonValueKind.String && r.GetString() == right);

    public static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? Show(value) : null;

    private static string Show(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Show)),
        _ => value.GetRawText(),
    };

    private static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
