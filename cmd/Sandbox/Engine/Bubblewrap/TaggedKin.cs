using System.Globalization;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// Those in one namespace of host names, which a process gets for itself before its program where there is no control group. It is inherited, and whoever
/// has no privileges can neither leave it nor make another; it changes nothing else. Only in a sandbox that allows user namespaces somebody can get out:
/// then such processes end with the sandbox.
/// </summary>
/// <param name="tag">The namespace; held open, so that its number is not given to another.</param>
internal sealed class TaggedKin(FileDescriptor tag) : IProcessKin
{
    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"uts:[{(FileStatus.TryGet(tag.Number, out FileStatus status) >= 0 ? status.Inode : 0)}]");

    public IReadOnlyList<int> Members() => [.. SandboxMembers.Where("uts", _name)];

    // Whoever is stopped bears nobody, so this comes to an end however fast they are.
    public void Kill()
    {
        var stopped = new HashSet<int>();
        for (int[] born = [.. Members().Where(stopped.Add)]; born.Length > 0; born = [.. Members().Where(stopped.Add)])
        {
            SignalAll(born, Signal.SIGSTOP);
        }

        SignalAll(stopped, Signal.SIGKILL);
    }

    private void SignalAll(IEnumerable<int> pids, int signal)
    {
        foreach (int pid in pids)
        {
            SandboxMembers.Signal(pid, "uts", _name, signal);
        }
    }

    public void Dispose() => tag.Dispose();
}
