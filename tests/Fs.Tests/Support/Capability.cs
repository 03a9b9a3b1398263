using Strata.Policy;

namespace Strata.Fs.Tests;

/// <summary>A capability and its token.</summary>
internal sealed record Capability(CapabilityClaims Claims, string Token);
