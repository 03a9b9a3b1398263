using Strata.Policy;

namespace Strata.Hosting;

/// <summary>Whom authorization found behind a call.</summary>
public sealed class Principal
{
    private Principal(CapabilityClaims? claims) => Claims = claims;

    /// <summary>An authority of this node by its peer credentials, without a capability.</summary>
    public static Principal Authority { get; } = new(null);

    /// <summary>What the capability says; null for an authority.</summary>
    public CapabilityClaims? Claims { get; }

    /// <summary>True when peer credentials alone allowed the call.</summary>
    public bool IsAuthority => Claims is null;

    /// <summary>Subject of the capability; <c>authority</c> for an authority.</summary>
    public string Subject => Claims?.Subject ?? "authority";

    /// <summary>Id of the capability; null for an authority.</summary>
    public string? CapabilityId => Claims?.CapabilityId;

    /// <summary>The holder of a capability.</summary>
    public static Principal Holder(CapabilityClaims claims) => new(claims);
}
