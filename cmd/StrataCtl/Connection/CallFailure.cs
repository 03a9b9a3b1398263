using Strata.Ipc;

namespace Strata.StrataCtl.Connection;

/// <summary>A call that did not give a result.</summary>
/// <param name="Method">The method called.</param>
/// <param name="Socket">The socket it was called at.</param>
/// <param name="Error">The service's error, or what the client found.</param>
/// <param name="Answered">True when the service answered; false when it could not be reached or did not answer in time.</param>
internal sealed record CallFailure(string Method, string Socket, RpcError Error, bool Answered)
{
    /// <summary>True when the call carried a token.</summary>
    public bool HadToken { get; init; }

    /// <summary>The path or name the call was about, or null.</summary>
    public string? Resource { get; init; }

    /// <summary>The service called.</summary>
    public string Service { get; init; } = SocketResolver.ServiceOf(Method);

    /// <summary>True when the call was for the machine's own node and a unit is installed that runs it.</summary>
    public bool HasUnit { get; init; }

    public int ExitCode => !Answered ? StrataCtl.ExitCode.Unreachable : Error.Reason switch
    {
        "program_refused" => StrataCtl.ExitCode.NotExecutable,
        "program_not_found" => StrataCtl.ExitCode.NoProgram,
        _ => StrataCtl.ExitCode.Refused,
    };
}
