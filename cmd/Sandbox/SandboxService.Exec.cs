using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>The methods for running programs and shells in a session.</summary>
internal sealed partial class SandboxService
{
    private const string ExecRight = "sandbox.exec";

    private static readonly ErrorCode[] OfExec =
    [
        ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, ErrorCode.NotFound, ErrorCode.Conflict, ErrorCode.Unavailable, ErrorCode.ResourceExhausted,
    ];

    private SandboxExec? _exec;

    private SandboxExec Exec => _exec ??= new SandboxExec(FindOwn, _audit, _time);

    private IReadOnlyList<Method> ExecMethods =>
    [
        new StreamMethod<SandboxExecParams, SandboxExecItem>(
            ExecRight, "Runs a command in a session and gives its output and how it ended.",
            Access.Right(ExecRight), () => ContractsJson.Default.SandboxExecParams, () => ContractsJson.Default.SandboxExecItem,
            SandboxCalls.AnswerStream<SandboxExecParams, SandboxExecItem>(Exec.StartAsync)) { Errors = OfExec },
    ];
}
