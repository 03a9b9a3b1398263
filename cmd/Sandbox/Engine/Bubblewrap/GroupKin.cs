using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Those in one control group: nobody inside can leave it.</summary>
internal sealed class GroupKin(GroupTree group) : IProcessKin
{
    public IReadOnlyList<int> Members() => group.Processes();

    public void Kill() => _ = group.TryKill();

    public void Dispose() => _ = group.TryRemove();
}
