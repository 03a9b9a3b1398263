namespace Strata.Supervision;

/// <summary>Which network a service sees.</summary>
public enum NetworkAccess
{
    /// <summary>The machine's.</summary>
    Host,

    /// <summary>One of its own without any way out; Unix sockets stay.</summary>
    None,
}
