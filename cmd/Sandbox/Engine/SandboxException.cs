using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>A sandbox cannot do what was asked; carries what its caller is answered.</summary>
internal class SandboxException(ErrorCode code, string reason, string message) : Exception(message)
{
    /// <summary>The error's code.</summary>
    internal ErrorCode Code { get; } = code;

    /// <summary>The machine-readable reason, for example <c>sandbox_unavailable</c>.</summary>
    internal string Reason { get; } = reason;

    /// <summary>Where the sender of something goes on, for whoever sent it to elsewhere; null for all else.</summary>
    internal long? Offset { get; init; }
}
