using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Starts programs in a session's sandbox, and tells in words why that failed.</summary>
internal static class ProgramStart
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>What runs commands, the first that is there.</summary>
    private static readonly string[] Shells = ["bash", "sh"];

    /// <summary>The variables of a process in a session.</summary>
    internal static IReadOnlyList<string> EnvironmentOf(SandboxSession session, IReadOnlyDictionary<string, string>? further = null, string? terminal = null)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = DefaultPath, ["HOME"] = session.Account.Home, ["USER"] = session.Account.Name, ["LANG"] = "C.UTF-8",
        };
        if (terminal is not null)
        {
            all["TERM"] = terminal;
        }

        foreach (var (name, value) in session.Environment.Concat(further ?? new Dictionary<string, string>()))
        {
            all[name] = value;
        }

        return [.. all.Select(v => $"{v.Key}={v.Value}")];
    }

    /// <summary>Starts what was wished for: the program, or a shell for the command.</summary>
    internal static async Task<SandboxedProcess> StartAsync(SessionUse use, ProgramWish wish, SandboxedStart start, CancellationToken cancellation)
    {
        if (wish.Arguments is { } arguments)
        {
            return await StartAsync(use, start with { Program = arguments[0], Arguments = arguments }, cancellation).ConfigureAwait(false);
        }

        foreach (var shell in Shells)
        {
            try
            {
                return await use.Sandbox.StartAsync(start with { Program = shell, Arguments = [shell, "-c", wish.Command!] }, cancellation).ConfigureAwait(false);
            }
            catch (LinuxException e) when (e.Errno == Errno.ENOENT && !IsOfDirectory(e))
            {
            }
            catch (LinuxException e)
            {
                throw Fault(e, shell, start.WorkingDirectory);
            }
        }

        throw NoShell("give argv instead of command");
    }

    /// <summary>Starts one program.</summary>
    internal static async Task<SandboxedProcess> StartAsync(SessionUse use, SandboxedStart start, CancellationToken cancellation)
    {
        try
        {
            return await use.Sandbox.StartAsync(start, cancellation).ConfigureAwait(false);
        }
        catch (LinuxException e)
        {
            throw Fault(e, start.Program, start.WorkingDirectory);
        }
    }

    /// <summary>The image has no shell that would do.</summary>
    internal static SandboxException NoShell(string remedy) => new(ErrorCode.Unavailable, SandboxReasons.NoShell, $"the image of this session has no such shell; {remedy}");

    internal static SandboxException Fault(LinuxException e, string program, string directory) => IsOfDirectory(e)
        ? new SandboxException(ErrorCode.NotFound, SandboxReasons.NoDirectory, $"\"{directory}\" is no directory that a program could run in ({e.Name}); make it first, or give another cwd")
        : e.Errno switch
        {
            Errno.ENOENT or Errno.ENOTDIR => new SandboxException(ErrorCode.NotFound, SandboxReasons.ProgramNotFound, $"there is no program \"{program}\" in the session; give its path, or a name in its PATH"),
            Errno.EACCES or Errno.EPERM => new SandboxException(ErrorCode.PermissionDenied, SandboxReasons.ProgramRefused, $"\"{program}\" may not be executed by the session's user; chmod it, or give another program"),
            Errno.E2BIG => new SandboxException(ErrorCode.InvalidArgument, SandboxReasons.ProgramRefused, "arguments and variables together are longer than the kernel takes; write what is long to a file"),
            Errno.EAGAIN or Errno.ENOMEM or Errno.EMFILE or Errno.ENFILE => new SandboxException(
                ErrorCode.ResourceExhausted, SandboxReasons.ProcessesExhausted, $"no further process can be started in the session ({e.Name}); end some, or make a session with more"),
            _ => new SandboxException(ErrorCode.InvalidArgument, SandboxReasons.ProgramRefused, $"\"{program}\" cannot be executed ({e.Name}); is it a program for this machine, with the interpreter it names?"),
        };

    internal static bool IsOfDirectory(LinuxException e) => e.Syscall.StartsWith("chdir", StringComparison.Ordinal) || e.Syscall.StartsWith("fchdir", StringComparison.Ordinal);
}
