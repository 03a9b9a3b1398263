using Strata.Policy;

namespace Strata.Sandbox.Tests;

/// <summary>A capability and its token.</summary>
internal sealed record Capability(CapabilityClaims Claims, string Token);
