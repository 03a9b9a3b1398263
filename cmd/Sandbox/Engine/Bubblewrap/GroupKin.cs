using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Those in one control group: nobody inside can leave it.</summary>
internal sealed class GroupKin(GroupTree group, Action endSandbox) : ProcessKin(endSandbox)
{
    private const int HoldPatienceMs = 1000;

    internal override IReadOnlyList<int> Members() => group.Processes();

    internal override void Kill() => _ = group.TryKill();

    internal override Task HoldAsync(Action action)
    {
        try
        {
            if (!group.TryFreeze(frozen: true, HoldPatienceMs))
            {
                throw BubblewrapSandbox.StillMoves();
            }

            action();
            return Task.CompletedTask;
        }
        finally
        {
            _ = group.TryFreeze(frozen: false, 0);
        }
    }

    public override void Dispose() => _ = group.TryRemove();
}
