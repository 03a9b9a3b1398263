using System.Globalization;
using Strata.Hosting;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Looks at processes for what is the node's on them.</summary>
internal sealed class Estate(NodeSettings settings)
{
    private readonly string _notify = Path.Combine(settings.RuntimeDir, NodeSockets.NotifyName);
    private readonly string _fifos = ServiceFifos.DirectoryOf(settings);

    internal static CgroupPlan PlanOf(KeptGroup group) =>
        new(group.Version == 2 ? LimitMechanism.Cgroup2 : LimitMechanism.Cgroup1, group.Memory, group.Cpu, group.Processes, group.Unified);

    internal string PathOf(ServiceManifest manifest) => NodeSockets.PathOf(settings, manifest);

    /// <summary>Whether a process holds something that is the node's, or was started with its address.</summary>
    internal bool Marks(int pid, ulong? socket) =>
        (socket is { } inode && ProcessDescriptors.NumberOf(pid, inode) is not null)
        || ProcessDescriptors.FileIn(pid, _fifos) is not null
        || ProcessDescriptors.EnvironmentOf(pid, SdNotify.Variable) == _notify;

    /// <summary>Takes the listening socket of a service back from its process.</summary>
    /// <param name="manifest">The service as it is declared now.</param>
    /// <param name="kept">As it was.</param>
    /// <param name="process">Its process.</param>
    /// <param name="fault">Why not, when the result is null.</param>
    internal UnixListener? TakeListener(ServiceManifest manifest, KeptService kept, ChildProcess process, out string? fault)
    {
        var path = NodeSockets.PathOf(settings, manifest);
        if (kept.SocketInode is not { } inode)
        {
            fault = "it was started without one";
            return null;
        }

        if (FileStatus.TryGetNoFollow(path, out var status) < 0 || status.Inode != kept.PathInode)
        {
            fault = $"{path} is not the one it listens on";
            return null;
        }

        if (ProcessDescriptors.NumberOf(process.Pid, inode) is not { } number)
        {
            fault = "its process does not hold it any more, or may not be looked at";
            return null;
        }

        var taken = process.TryTakeDescriptor(number);
        if (taken < 0)
        {
            fault = $"pidfd_getfd answers {Errno.Name(-taken)}" + (taken == -Errno.EPERM ? ": run the supervisor as root, or allow it to trace its services" : "");
            return null;
        }

        return Check(new FileDescriptor(taken), inode, path, out fault);
    }

    /// <summary>Why the node's state must stay as it is: services of an earlier supervisor write it; null when there are none.</summary>
    internal static string? WhyNotAlone(NodeSettings settings)
    {
        var living = new Estate(settings).Suspects().Select(suspect => string.Create(CultureInfo.InvariantCulture, $"{suspect.Service} (pid {suspect.Pid})")).ToList();
        return living.Count == 0 ? null
            : $"services of an earlier supervisor still run: {string.Join(", ", living)}; start the version of Strata that they came with, stop it, and start this one then";
    }

    /// <summary>Session leaders that bear the node's mark, and what service each is by it.</summary>
    internal IEnumerable<(string Service, int Pid)> Suspects()
    {
        if (!Directory.Exists(_fifos))
        {
            return [];
        }

        return Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0 && pid != Environment.ProcessId && ProcessStat.Of(pid) is { IsZombie: false } stat && stat.Session == pid)
            .Select(pid => (Service: ServiceOf(pid), Pid: pid)).Where(suspect => suspect.Service is not null)
            .Select(suspect => (suspect.Service!, suspect.Pid)).ToList();
    }

    private string? ServiceOf(int pid)
    {
        if (ProcessDescriptors.FileIn(pid, _fifos) is { } fifo)
        {
            return Path.GetFileName(fifo).Split('.')[0];
        }

        return ProcessDescriptors.EnvironmentOf(pid, SdNotify.Variable) == _notify ? ProcessDescriptors.EnvironmentOf(pid, "LISTEN_FDNAMES") ?? "unknown" : null;
    }

    private static UnixListener? Check(FileDescriptor taken, ulong inode, string path, out string? fault)
    {
        fault = null;
        try
        {
            if (FileStatus.TryGet(taken.Number, out var status) < 0 || status.Inode != inode)
            {
                taken.Dispose();
                fault = "its process has put another one in its place";
                return null;
            }

            return UnixListener.Adopt(taken, path);
        }
        catch (Exception e) when (e is ArgumentException or LinuxException)
        {
            fault = e.Message;
            return null;
        }
    }
}
