using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// Those in one namespace of host names, which a process gets for itself before its program where there is no control group. It is inherited, and whoever
/// has no privileges can neither leave it nor make another; it changes nothing else. Only in a sandbox that allows user namespaces somebody can get out:
/// then such processes end with the sandbox.
/// </summary>
/// <param name="tag">The namespace; held open, so that its number is not given to another.</param>
/// <param name="endSandbox">Ends the sandbox that they are in.</param>
/// <param name="hold">Does something while nobody is born in it.</param>
internal sealed class TaggedKin(FileDescriptor tag, Action endSandbox, Func<Action, Task> hold) : ProcessKin(endSandbox)
{
    private const int MaxStopRounds = 10;

    private readonly NamespaceMembers _members = NamespaceMembers.Of("uts", tag.Number);

    internal override IReadOnlyList<int> Members() => [.. _members.All()];

    // Stopped first: whoever is killed would make room for another.
    internal override void Kill()
    {
        for (int round = 0; round < MaxStopRounds && !_members.TryStop(); round++)
        {
        }

        _members.Signal(Signal.SIGKILL);
    }

    internal override Task HoldAsync(Action action) => hold(action);

    public override void Dispose() => tag.Dispose();
}
