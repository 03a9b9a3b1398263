namespace Strata.Supervision;

/// <summary>The answers to an operator's command; each maps to one wire error code.</summary>
public enum CommandStatus
{
    /// <summary>Accepted; the state shows how far it is.</summary>
    Ok,

    /// <summary>A parameter is out of range (INVALID_ARGUMENT).</summary>
    Invalid,

    /// <summary>No such service (NOT_FOUND).</summary>
    NotFound,

    /// <summary>The state of the service does not allow it (CONFLICT).</summary>
    Conflict,

    /// <summary>The node is shutting down (UNAVAILABLE).</summary>
    Unavailable,
}
