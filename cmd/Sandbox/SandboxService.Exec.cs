using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>The methods for running programs and shells in a session.</summary>
internal sealed partial class SandboxService
{
    private const string ExecRight = "sandbox.exec";
    private const string ShellRight = "sandbox.shell";

    private static readonly ErrorCode[] OfExec =
    [
        ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, ErrorCode.NotFound, ErrorCode.Conflict, ErrorCode.Unavailable, ErrorCode.ResourceExhausted,
    ];

    private SandboxExec? _exec;

    private SandboxExec Exec => _exec ??= new SandboxExec(FindOwn, _audit, _time);

    private SandboxJobs? _jobs;

    private SandboxJobs Jobs => _jobs ??= new SandboxJobs(Exec, FindOwn, _audit, _time);

    private IReadOnlyList<Method> ExecMethods =>
    [
        new StreamMethod<SandboxExecParams, SandboxExecItem>(
            ExecRight, "Runs a command in a session and gives its output and how it ended.",
            Access.Right(ExecRight), () => ContractsJson.Default.SandboxExecParams, () => ContractsJson.Default.SandboxExecItem,
            SandboxCalls.AnswerStream<SandboxExecParams, SandboxExecItem>(Exec.StartAsync)) { Errors = OfExec },
        new UnaryMethod<SandboxStartParams, SandboxStartResult>(
            "sandbox.start", "Starts a command in the background of a session.",
            Access.Right(ExecRight), () => ContractsJson.Default.SandboxStartParams, () => ContractsJson.Default.SandboxStartResult,
            SandboxCalls.Answer<SandboxStartParams, SandboxStartResult>(Jobs.StartAsync)) { Errors = OfExec },
        new UnaryMethod<SandboxSessionParams, SandboxJobsResult>(
            "sandbox.jobs", "Lists background commands and terminals of a session.",
            Access.Right(ExecRight), () => ContractsJson.Default.SandboxSessionParams, () => ContractsJson.Default.SandboxJobsResult,
            SandboxCalls.Answer<SandboxSessionParams, SandboxJobsResult>(Jobs.List)) { Errors = OfExec },
        new StreamMethod<SandboxAttachParams, SandboxOutputItem>(
            "sandbox.attach", "Streams the output of a background command or terminal from an offset on, to its end.",
            Access.Right(ExecRight), () => ContractsJson.Default.SandboxAttachParams, () => ContractsJson.Default.SandboxOutputItem,
            SandboxCalls.AnswerStream<SandboxAttachParams, SandboxOutputItem>(Jobs.Attach)) { Errors = OfExec },
        new UnaryMethod<SandboxStdinParams, StatusResult>(
            "sandbox.stdin", "Gives a command or terminal input.",
            Access.Right(ExecRight), () => ContractsJson.Default.SandboxStdinParams, () => ContractsJson.Default.StatusResult,
            SandboxCalls.Answer<SandboxStdinParams, StatusResult>(Jobs.InputAsync)) { Errors = OfExec },
        new UnaryMethod<SandboxSignalParams, StatusResult>(
            "sandbox.signal", "Signals a background command or terminal and what it started.",
            Access.Right(ExecRight), () => ContractsJson.Default.SandboxSignalParams, () => ContractsJson.Default.StatusResult,
            SandboxCalls.Answer<SandboxSignalParams, StatusResult>(Jobs.SignalAsync)) { Errors = OfExec },
        new UnaryMethod<SandboxWaitParams, SandboxJob>(
            "sandbox.wait", "Waits for the end of a background command or terminal.",
            Access.Right(ExecRight), () => ContractsJson.Default.SandboxWaitParams, () => ContractsJson.Default.SandboxJob,
            SandboxCalls.Answer<SandboxWaitParams, SandboxJob>(Jobs.WaitAsync)) { Errors = OfExec },
        new StreamMethod<SandboxShellParams, SandboxOutputItem>(
            "sandbox.shell", "Opens a terminal in a session, or shows one that is there; what it shows is streamed, and it stays when its watcher goes.",
            Access.Right(ShellRight), () => ContractsJson.Default.SandboxShellParams, () => ContractsJson.Default.SandboxOutputItem,
            SandboxCalls.AnswerStream<SandboxShellParams, SandboxOutputItem>(Jobs.ShellAsync)) { Errors = OfExec },
        new UnaryMethod<SandboxResizeParams, StatusResult>(
            "sandbox.shell_resize", "Gives a terminal another size.",
            Access.Right(ShellRight), () => ContractsJson.Default.SandboxResizeParams, () => ContractsJson.Default.StatusResult,
            SandboxCalls.Answer<SandboxResizeParams, StatusResult>(Jobs.Resize)) { Errors = OfExec },
    ];
}
