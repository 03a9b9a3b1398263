using System.Runtime.InteropServices;

namespace Strata.Supervisor.Tests;

/// <summary>Looks at processes from outside.</summary>
internal static partial class Processes
{
    internal static void Send(int pid, int signal) => Assert.Equal(0, Kill(pid, signal));

    /// <summary>Kills processes, those that have ended meanwhile left aside.</summary>
    internal static void KillThose(IEnumerable<int> pids)
    {
        foreach (var pid in pids)
        {
            _ = Kill(pid, Linux.Signal.SIGKILL);
        }
    }

    /// <summary>Whether a process runs; one that has ended and was not reaped does not.</summary>
    internal static bool Runs(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Processes whose environment holds this text: everything a node has started carries its runtime directory.</summary>
    internal static List<int> With(string environmentText) =>
        [.. Directory.EnumerateDirectories("/proc").Select(dir => int.TryParse(Path.GetFileName(dir), out var pid) ? pid : 0)
            .Where(pid => pid > 0 && pid != Environment.ProcessId && Runs(pid) && Contains(pid, environmentText))];

    /// <summary>Waits until processes are gone, by their pidfds.</summary>
    internal static void AwaitEnd(IEnumerable<int> pids, TimeSpan limit)
    {
        foreach (var pid in pids)
        {
            var descriptor = (int)PidFdOpen(434, pid, 0);
            if (descriptor < 0)
            {
                continue;
            }

            using var handle = new Linux.FileDescriptor(descriptor);
            using var epoll = new Linux.Epoll();
            epoll.Add(descriptor, Linux.EpollEvents.Readable, 1);
            Assert.True(epoll.Wait(new Linux.EpollReady[1], (int)limit.TotalMilliseconds) == 1, $"process {pid} still runs");
        }
    }

    /// <summary>A descriptor as a careless launcher would leave it to every child.</summary>
    internal static Linux.FileDescriptor OpenWithoutCloseOnExec() => new(Duplicate(2));

    private static bool Contains(int pid, string text)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/environ").Contains(text, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    private static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long PidFdOpen(long number, int pid, uint flags);
}
