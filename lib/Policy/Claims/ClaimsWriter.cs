using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Strata.Policy;

/// <summary>Writes claims in their canonical form: fixed order, no white space, empty and absent members left out.</summary>
public static class ClaimsWriter
{
    private static readonly JsonWriterOptions Options = new()
    {
        // The payload is never shown in HTML; escaping less keeps tokens short.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>Writes claims as JSON.</summary>
    /// <exception cref="ArgumentException">The claims hold constraints this version does not know, which it cannot write.</exception>
    public static void Write(CapabilityClaims claims, IBufferWriter<byte> destination)
    {
        if (claims.Constraints.Unknown.Count > 0)
        {
            throw new ArgumentException("Claims with unknown constraints cannot be written again.", nameof(claims));
        }

        using var json = new Utf8JsonWriter(destination, Options);
        json.WriteStartObject();
        json.WriteString("iss"u8, claims.Issuer);
        json.WriteString("aud"u8, claims.Audience);
        json.WriteString("jti"u8, claims.CapabilityId);
        json.WriteString("sub"u8, claims.Subject);
        json.WriteString("iat"u8, Rfc3339.Format(claims.IssuedAt));
        json.WriteString("exp"u8, Rfc3339.Format(claims.ExpiresAt));
        json.WriteString("service"u8, claims.Service);
        WriteNames(json, "actions"u8, claims.Actions);
        WriteNames(json, "rights"u8, claims.Rights);
        WriteConstraints(json, claims.Constraints);
        WriteOptional(json, "template"u8, claims.Template);
        WriteOptional(json, "since"u8, claims.Since is { } since ? Rfc3339.Format(since) : null);
        WriteChain(json, claims.Chain);
        json.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter json, ReadOnlySpan<byte> name, NameList names)
    {
        if (names.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        for (var i = 0; i < names.Count; i++)
        {
            json.WriteStringValue(names[i]);
        }

        json.WriteEndArray();
    }

    private static void WriteConstraints(Utf8JsonWriter json, CapabilityConstraints constraints)
    {
        if (constraints == CapabilityConstraints.None)
        {
            return;
        }

        json.WriteStartObject("constraints"u8);
        WriteOptional(json, "path_prefix"u8, constraints.PathPrefix?.Value);
        WriteOptional(json, "rate_limit"u8, constraints.RateLimit?.ToString());
        WriteNames(json, "methods_denied"u8, constraints.MethodsDenied);
        WriteOptional(json, "max_bytes"u8, constraints.MaxBytes);
        WriteOptional(json, "quota_bytes"u8, constraints.QuotaBytes);
        WriteFlag(json, "read_only"u8, constraints.ReadOnly);
        WriteOptional(json, "not_before"u8, constraints.NotBefore is { } notBefore ? Rfc3339.Format(notBefore) : null);
        WriteOptional(json, "uid"u8, constraints.Uid);
        WriteFlag(json, "once"u8, constraints.Once);
        WriteOptional(json, "holder_key"u8, constraints.HolderKey?.Value);
        SandboxClaims.Write(json, constraints.Sandbox);
        json.WriteEndObject();
    }

    private static void WriteChain(Utf8JsonWriter json, CapabilityChain chain)
    {
        if (chain.Count == 0)
        {
            return;
        }

        json.WriteStartArray("chain"u8);
        for (var i = 0; i < chain.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, chain[i].CapabilityId);
            WriteOptional(json, "sub"u8, chain[i].Subject);
            WriteOptional(json, "rate_limit"u8, chain[i].RateLimit?.ToString());
            WriteOptional(json, "quota_bytes"u8, chain[i].QuotaBytes);
            WriteOptional(json, "max_sessions"u8, chain[i].MaxSessions);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFlag(Utf8JsonWriter json, ReadOnlySpan<byte> name, bool value)
    {
        if (value)
        {
            json.WriteBoolean(name, true);
        }
    }

    private static void WriteOptional(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static void WriteOptional(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
