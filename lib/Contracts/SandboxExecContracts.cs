using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Strata.Ipc;

namespace Strata.Contracts;

/// <summary>Params of <c>sandbox.exec</c>.</summary>
public sealed record SandboxExecParams(
    [property: Description("the session's name")][property: StringLength(64, MinimumLength = 1)] string Session,
    [property: Description("what a shell is told; or argv")][property: StringLength(524288, MinimumLength = 1)] string? Command = null,
    [property: Description("a program and its arguments, without a shell; or command")][property: MaxItems(1024)] IReadOnlyList<string>? Argv = null,
    [property: Description("true runs the command in a shell of its own, beside others; false in the session's shell, which keeps directory, variables, functions and jobs, one command at a time")] bool Stateless = false,
    [property: Description("the directory it runs in; the session's shell stays there")][property: StringLength(4096, MinimumLength = 1)] string? Cwd = null,
    [property: Description("variables for this command alone")][property: MaxItems(128)] IReadOnlyDictionary<string, string>? Env = null,
    [property: Description("what it reads from its standard input, standard base64; without it there is nothing to read")] ReadOnlyMemory<byte>? StdinB64 = null,
    [property: Description("true keeps its standard input open for sandbox.stdin, under id; with more, the first item is empty then and says that it has begun")] bool StdinOpen = false,
    [property: Description("the caller's name for it: letters, digits, . _ and -; for sandbox.stdin")][property: StringLength(64, MinimumLength = 1)] string? Id = null,
    [property: Description("how long it may run, in milliseconds; then it and all it started is killed")][property: Range(1, 3600000)] int TimeoutMs = 120_000,
    [property: Description("most bytes of output given back, stdout and stderr together; the rest is counted. Without more at most 524288")][property: Range(0, 9.2e18)] long? MaxOutputBytes = null);

/// <summary>A piece of what a command of <c>sandbox.exec</c> printed, and in the last item how it ended.</summary>
public sealed record SandboxExecItem(
    [property: Description("bytes from its standard output, standard base64")] ReadOnlyMemory<byte>? StdoutB64 = null,
    [property: Description("bytes from its standard error, standard base64")] ReadOnlyMemory<byte>? StderrB64 = null,
    [property: Description("how it ended; in the last item")] SandboxExecEnd? End = null);

/// <summary>How a command of <c>sandbox.exec</c> ended.</summary>
public sealed record SandboxExecEnd(
    [property: Description("how long it ran, in milliseconds")] double DurationMs,
    [property: Description("true when its time ran out and it was killed")] bool TimedOut,
    [property: Description("true when output was left out")] bool Truncated,
    [property: Description("bytes that it printed to its standard output, also those left out")] long StdoutBytes,
    [property: Description("bytes that it printed to its standard error, also those left out")] long StderrBytes,
    [property: Description("true when the session's shell ended, by it or since the command before, and was or will be started anew with directory and exported variables; functions, other variables and jobs are gone")] bool ShellRestarted,
    [property: Description("its exit code; absent when a signal ended it, or nothing could tell")] int? ExitCode = null,
    [property: Description("the signal that ended it, such as SIGKILL")] string? Signal = null,
    [property: Description("the directory of the session's shell afterwards; absent for a stateless command")] string? Cwd = null);

/// <summary>Params of <c>sandbox.start</c>.</summary>
public sealed record SandboxStartParams(
    [property: Description("the session's name")][property: StringLength(64, MinimumLength = 1)] string Session,
    [property: Description("what a shell of its own is told; or argv")][property: StringLength(524288, MinimumLength = 1)] string? Command = null,
    [property: Description("a program and its arguments, without a shell; or command")][property: MaxItems(1024)] IReadOnlyList<string>? Argv = null,
    [property: Description("the directory it runs in")][property: StringLength(4096, MinimumLength = 1)] string? Cwd = null,
    [property: Description("variables for it alone")][property: MaxItems(128)] IReadOnlyDictionary<string, string>? Env = null,
    [property: Description("true keeps its standard input open for sandbox.stdin")] bool StdinOpen = false,
    [property: Description("the caller's name for it: letters, digits, . _ and -; one is made without it")][property: StringLength(64, MinimumLength = 1)] string? Id = null);

/// <summary>Result of <c>sandbox.start</c>.</summary>
public sealed record SandboxStartResult([property: Description("its id, for sandbox.attach, sandbox.stdin, sandbox.signal and sandbox.wait")] string Id);

/// <summary>A background command or terminal of a session.</summary>
public sealed record SandboxJob(
    [property: Description("its id")] string Id,
    [property: Description("job, or shell for a terminal")] string Kind,
    [property: Description("what was started, at most 256 characters of it")] string Command,
    [property: Description("when it was started, RFC 3339 UTC")] string Started,
    [property: Description("whether it still runs")] bool Running,
    [property: Description("bytes that it printed so far")] long OutputBytes,
    [property: Description("its exit code, once it has one")] int? ExitCode = null,
    [property: Description("the signal that ended it")] string? Signal = null);

/// <summary>Result of <c>sandbox.jobs</c>.</summary>
public sealed record SandboxJobsResult([property: Description("those that run, and the last of those that have ended")] IReadOnlyList<SandboxJob> Jobs);

/// <summary>Params of <c>sandbox.attach</c>.</summary>
public sealed record SandboxAttachParams(
    [property: Description("the session's name")][property: StringLength(64, MinimumLength = 1)] string Session,
    [property: Description("id of a background command or terminal")][property: StringLength(64, MinimumLength = 1)] string Id,
    [property: Description("where in its output to begin: where an earlier attach ended; 0 is the beginning")][property: Range(0, 9.2e18)] long Offset = 0);

/// <summary>A piece of the output of a background command or terminal.</summary>
public sealed record SandboxOutputItem(
    [property: Description("its id")] string Id,
    [property: Description("where in its output these bytes begin, counted over standard output and error together")] long Offset,
    [property: Description("where the next ones begin: the offset to attach from again")] long NextOffset,
    [property: Description("bytes from its standard output or terminal, standard base64")] ReadOnlyMemory<byte>? StdoutB64 = null,
    [property: Description("bytes from its standard error, standard base64")] ReadOnlyMemory<byte>? StderrB64 = null,
    [property: Description("bytes before these that are lost: it printed more than is kept")] long Lost = 0,
    [property: Description("true in the last item: it has ended, and there is no more")] bool Ended = false,
    [property: Description("its exit code, in the last item")] int? ExitCode = null,
    [property: Description("the signal that ended it, in the last item")] string? Signal = null);

/// <summary>Params of <c>sandbox.stdin</c>.</summary>
public sealed record SandboxStdinParams(
    [property: Description("the session's name")][property: StringLength(64, MinimumLength = 1)] string Session,
    [property: Description("id of a background command, a terminal, or an exec with stdin_open")][property: StringLength(64, MinimumLength = 1)] string Id,
    [property: Description("what it shall read, standard base64")] ReadOnlyMemory<byte>? DataB64 = null,
    [property: Description("true closes its input after these bytes")] bool Eof = false);

/// <summary>Params of <c>sandbox.signal</c>.</summary>
public sealed record SandboxSignalParams(
    [property: Description("the session's name")][property: StringLength(64, MinimumLength = 1)] string Session,
    [property: Description("id of a background command or terminal")][property: StringLength(64, MinimumLength = 1)] string Id,
    [property: Description("to it and what it started; KILL also to what detached itself")][property: AllowedValues("INT", "TERM", "KILL", "HUP", "QUIT", "USR1", "USR2", "STOP", "CONT")] string Signal);

/// <summary>Params of <c>sandbox.wait</c>.</summary>
public sealed record SandboxWaitParams(
    [property: Description("the session's name")][property: StringLength(64, MinimumLength = 1)] string Session,
    [property: Description("id of a background command or terminal")][property: StringLength(64, MinimumLength = 1)] string Id,
    [property: Description("how long to wait for its end, in milliseconds; 0 only looks")][property: Range(0, 3600000)] int TimeoutMs = 60_000);

/// <summary>Params of <c>sandbox.shell</c>.</summary>
public sealed record SandboxShellParams(
    [property: Description("the session's name")][property: StringLength(64, MinimumLength = 1)] string Session,
    [property: Description("a terminal that is there, to see it again; without it a new one is opened")][property: StringLength(64, MinimumLength = 1)] string? Id = null,
    [property: Description("lines of the terminal")][property: Range(1, 1000)] int Rows = 24,
    [property: Description("columns of the terminal")][property: Range(1, 1000)] int Cols = 80,
    [property: Description("what runs in a new one instead of a login shell")][property: MaxItems(1024)] IReadOnlyList<string>? Argv = null,
    [property: Description("the value of TERM in a new one")][property: StringLength(64, MinimumLength = 1)] string Term = "xterm-256color",
    [property: Description("where in its output to begin, for one that is there; without it with all that is kept")][property: Range(0, 9.2e18)] long Offset = 0);

/// <summary>Params of <c>sandbox.shell_resize</c>.</summary>
public sealed record SandboxResizeParams(
    [property: Description("the session's name")][property: StringLength(64, MinimumLength = 1)] string Session,
    [property: Description("id of a terminal")][property: StringLength(64, MinimumLength = 1)] string Id,
    [property: Description("its lines from now on")][property: Range(1, 1000)] int Rows,
    [property: Description("its columns from now on")][property: Range(1, 1000)] int Cols);
