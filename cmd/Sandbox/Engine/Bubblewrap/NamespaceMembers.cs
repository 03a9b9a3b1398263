using System.Globalization;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Processes by a namespace that they are in, as /proc tells.</summary>
internal static class SandboxMembers
{
    /// <summary>The most processes of the machine that are looked at.</summary>
    internal const int MaxProcesses = 65_536;

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

    /// <summary>The processes that are in one.</summary>
    internal static IEnumerable<int> Where(string kind, string name) => Directory.EnumerateDirectories("/proc").Take(MaxProcesses)
        .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : 0)
        .Where(pid => pid > 0 && NameOf(pid, kind) == name);

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
                Signal(tracer, "pid", name, Linux.Signal.SIGKILL);
            }
        }
        catch (IOException)
        {
            // It is gone.
        }
    }

    /// <summary>Signals a process if it still is in one.</summary>
    internal static void Signal(int pid, string kind, string name, int signal)
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
