namespace Strata.Policy;

/// <summary>What a <see cref="RevocationRule"/> ends.</summary>
public enum RevocationScope
{
    /// <summary>The capabilities of a subject, and those derived from them.</summary>
    Subject,

    /// <summary>The capabilities of a template, and those derived from them.</summary>
    Template,

    /// <summary>The tokens a key has signed, and what was derived or renewed by then, whoever signed it.</summary>
    Key,

    /// <summary>Everything whose line began by then.</summary>
    Everything,
}
