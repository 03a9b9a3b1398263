using System.Globalization;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Processes by a namespace that they are in, as /proc tells.</summary>
/// <param name="kind">Which of a process's namespaces, as in /proc/PID/ns.</param>
/// <param name="name">What it is called, as <see cref="NameOf"/> tells.</param>
/// <param name="except">One of them that is passed over; 0 for none.</param>
internal sealed class NamespaceMembers(string kind, string name, int except = 0)
{
    private const string Still = "TtZXD"; // As in proc(5): stopped, traced, ended, or waiting for what no signal ends, and then it stops.

    /// <summary>What a namespace of a process is called; null when it has ended, or is not ours to ask.</summary>
    internal static string? NameOf(int pid, string kind)
    {
        try
        {
            return new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/{kind}")).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Those in a namespace that is held open, so that its number is not given to another.</summary>
    /// <param name="kind">Which of a process's namespaces.</param>
    /// <param name="descriptor">The namespace.</param>
    /// <param name="except">One of them that is passed over; 0 for none.</param>
    internal static NamespaceMembers Of(string kind, int descriptor, int except = 0) =>
        new(kind, string.Create(CultureInfo.InvariantCulture, $"{kind}:[{(FileStatus.TryGet(descriptor, out FileStatus status) >= 0 ? status.Inode : 0)}]"), except);

    /// <summary>The processes that are in it, looked for as they are asked for.</summary>
    internal IEnumerable<int> All() => ProcessNumbers.Living().Where(pid => pid != except && NameOf(pid, kind) == name);

    /// <summary>Those of them that are stopped.</summary>
    internal IReadOnlyList<(int Pid, ulong StartTicks)> Stopped() =>
        [.. All().Where(pid => States(pid) is { Length: > 0 } states && states.All(state => state == 'T')).Select(pid => (pid, ProcessStat.Of(pid)?.StartTicks ?? 0))];

    /// <summary>Signals each of them once; one who is born meanwhile may be left out.</summary>
    internal void Signal(int signal)
    {
        foreach (int pid in All())
        {
            Signal(pid, signal);
        }
    }

    /// <summary>Stops each of them that is not still. One who is born meanwhile may be left out.</summary>
    /// <returns>Whether all were.</returns>
    internal bool TryStop()
    {
        int[] moving = [.. All().Where(pid => !States(pid).All(Still.Contains))];
        foreach (int pid in moving)
        {
            Signal(pid, Linux.Signal.SIGSTOP);
        }

        return moving.Length == 0;
    }

    /// <summary>Kills whoever traces a process from inside a sandbox; one who does so from the host is left alone.</summary>
    internal static void KillTracerOf(int pid)
    {
        try
        {
            const string key = "TracerPid:";
            string? line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status")).FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal));
            if (line is not null && int.TryParse(line.AsSpan(key.Length), CultureInfo.InvariantCulture, out int tracer) && tracer > 0
                && NameOf(tracer, "pid") is { } name && name != NameOf(Environment.ProcessId, "pid"))
            {
                new NamespaceMembers("pid", name).Signal(tracer, Linux.Signal.SIGKILL);
            }
        }
        catch (IOException)
        {
            // It is gone.
        }
    }

    // A letter for each thread.
    private static string States(int pid)
    {
        try
        {
            return string.Concat(ProcessNumbers.ThreadsOf(pid).Select(thread => StateOf(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/task/{thread}/stat")))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // It has ended, or one of its threads has.
        }
    }

    // The name before it may hold any character.
    private static char StateOf(string line) => line[line.LastIndexOf(')') + 2];

    private void Signal(int pid, int signal)
    {
        try
        {
            using var handle = ProcessHandle.Open(pid);
            if (NameOf(pid, kind) == name)
            {
                _ = ProcessHandle.TrySignal(handle, signal);
            }
        }
        catch (LinuxException)
        {
            // It has ended.
        }
    }
}
