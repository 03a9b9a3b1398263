namespace Strata.Policy;

/// <summary>The two PASETO versions a node speaks, both with purpose <c>public</c> (Ed25519). Each has its own keys.</summary>
public enum TokenVersion
{
    /// <summary><c>v2.public</c>, the default of protocol v1.</summary>
    V2 = 2,

    /// <summary><c>v4.public</c>, which also binds an implicit assertion.</summary>
    V4 = 4,
}
