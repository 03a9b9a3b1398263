using System.Buffers;
using System.Text;
using System.Text.Json.Serialization;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary><c>session.json</c>: what a session comes back from.</summary>
/// <param name="Version">Of this form: <see cref="CurrentVersion"/>.</param>
/// <param name="Id">The service's own name for it.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="Name">What that owner calls it.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Capability">The claims of the capability it was made by, as a token has them, without a signature: what a revocation is held against.</param>
/// <param name="SignedBy">The key that signed that capability.</param>
/// <param name="Terms">What it was asked to be.</param>
internal sealed record SessionRecord(
    int Version, string Id, string Owner, string Name, DateTimeOffset Created, string Capability, string? SignedBy, SessionTerms Terms)
{
    internal const int CurrentVersion = 1;

    internal SessionKey Key => new(Owner, Name);

    /// <summary>A new one.</summary>
    internal static SessionRecord Of(string id, string owner, string name, DateTimeOffset now, CapabilityClaims capability, SessionTerms terms)
    {
        var claims = new ArrayBufferWriter<byte>();
        ClaimsWriter.Write(capability, claims);
        return new SessionRecord(CurrentVersion, id, owner, name, now, Encoding.UTF8.GetString(claims.WrittenSpan), capability.SignedBy, terms);
    }

    /// <summary>The capability that made it; null when this version does not read what it says.</summary>
    internal CapabilityClaims? ReadCapability() =>
        ClaimsReader.TryRead(Encoding.UTF8.GetBytes(Capability), ClaimsRules.Strict, out var claims, out _) ? claims with { SignedBy = SignedBy } : null;
}

/// <summary>JSON of what the service keeps.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SessionRecord))]
internal sealed partial class SessionJson : JsonSerializerContext;
