using System.Globalization;
using System.Text.Json;
using Strata.Policy;
using static Strata.Fuzz.Tests.BrokenInvariantException;

namespace Strata.Fuzz.Tests;

/// <summary>Claims as the platform's document model reads them: each member is given once, and is found in what was read.</summary>
internal static class SecondClaims
{
    internal static void AssertSame(ReadOnlySpan<byte> json, CapabilityClaims claims)
    {
        using var document = JsonDocument.Parse(json.ToArray(), new JsonDocumentOptions { AllowDuplicateProperties = false });
        foreach (var member in document.RootElement.EnumerateObject())
        {
            Unless(member.Name.StartsWith("x_", StringComparison.Ordinal) || IsSame(member.Name, member.Value, claims), "another reader finds another claim");
        }

        Unless(claims.ExpiresAt > claims.IssuedAt && claims.Began <= claims.IssuedAt, "times out of order");
        Unless(!claims.Chain.Contains(claims.CapabilityId), "a capability that is its own ancestor");
        var absent = new[] { "actions", "rights", "constraints", "template", "since", "chain" }.Where(name => !document.RootElement.TryGetProperty(name, out _));
        Unless(absent.All(name => IsAbsent(name, claims)), "something was read that is not there");
    }

    private static bool IsSame(string name, JsonElement value, CapabilityClaims claims) => name switch
    {
        "iss" => value.GetString() == claims.Issuer,
        "aud" => value.GetString() == claims.Audience,
        "jti" => value.GetString() == claims.CapabilityId,
        "sub" => value.GetString() == claims.Subject,
        "service" => value.GetString() == claims.Service,
        "template" => value.GetString() == claims.Template,
        "iat" => IsTime(value, claims.IssuedAt),
        "exp" => IsTime(value, claims.ExpiresAt),
        "since" => IsTime(value, claims.Since),
        "actions" => AreNames(value, claims.Actions),
        "rights" => AreNames(value, claims.Rights),
        "constraints" => value.EnumerateObject().All(member => IsSame(member.Name, member.Value, claims.Constraints)),
        "chain" => value.EnumerateArray().Select(Ancestor).SequenceEqual(claims.Chain),
        _ => false,
    };

    private static bool IsSame(string name, JsonElement value, CapabilityConstraints constraints) => name switch
    {
        "path_prefix" => constraints.PathPrefix is { } prefix && (value.GetString() == prefix.Value || value.GetString() + "/" == prefix.Value || value.GetString() == prefix.Value + "/"),
        "rate_limit" => value.GetString() == constraints.RateLimit.ToString(),
        "methods_denied" => AreNames(value, constraints.MethodsDenied),
        "max_bytes" => value.GetInt64() == constraints.MaxBytes,
        "quota_bytes" => value.GetInt64() == constraints.QuotaBytes,
        "read_only" => value.ValueKind == JsonValueKind.True && constraints.ReadOnly,
        "once" => value.ValueKind == JsonValueKind.True && constraints.Once,
        "not_before" => IsTime(value, constraints.NotBefore),
        "uid" => value.GetUInt32() == constraints.Uid,
        "sandbox" => IsSame(value, constraints.Sandbox, constraints.Unknown),
        "holder_key" => value.GetString() == constraints.HolderKey?.Value,
        _ => constraints.Unknown.Contains(name),
    };

    private static bool IsSame(JsonElement bounds, SandboxBounds read, NameList unknown) => bounds.EnumerateObject().All(member => member.Name switch
    {
        "images" => AreNames(member.Value, read.Images),
        "networks" => AreNames(member.Value, read.Networks),
        "domains" => AreNames(member.Value, read.Domains),
        "commands" => AreNames(member.Value, read.Commands),
        "max_memory_bytes" => member.Value.GetInt64() == read.MaxMemoryBytes,
        "max_cpu_millis" => member.Value.GetInt64() == read.MaxCpuMillis,
        "max_pids" => member.Value.GetInt64() == read.MaxPids,
        "max_disk_bytes" => member.Value.GetInt64() == read.MaxDiskBytes,
        "max_sessions" => member.Value.GetInt64() == read.MaxSessions,
        _ => unknown.Contains($"sandbox.{member.Name}"),
    });

    private static bool IsAbsent(string name, CapabilityClaims claims) => name switch
    {
        "actions" => claims.Actions.Count == 0,
        "rights" => claims.Rights.Count == 0,
        "constraints" => claims.Constraints == CapabilityConstraints.None,
        "template" => claims.Template is null,
        "since" => claims.Since is null,
        _ => claims.Chain.Count == 0,
    };

    private static Ancestor Ancestor(JsonElement value)
    {
        string? Text(string name) => value.TryGetProperty(name, out var text) ? text.GetString() : null;
        var rate = Text("rate_limit") is { } limit ? new RateLimit(int.Parse(limit[..^3], NumberStyles.None, CultureInfo.InvariantCulture)) : (RateLimit?)null;
        return new Ancestor(Text("id")!, Text("sub"), rate, Number("quota_bytes"), Number("max_sessions"));

        long? Number(string name) => value.TryGetProperty(name, out var number) ? number.GetInt64() : null;
    }

    private static bool AreNames(JsonElement value, NameList names) => value.EnumerateArray().Select(item => item.GetString()).SequenceEqual(names);

    // The platform rounds what is finer than 100 ns, where we cut.
    private static bool IsTime(JsonElement value, DateTimeOffset? time) =>
        DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed) && (parsed - time)?.Ticks is 0 or 1;
}
