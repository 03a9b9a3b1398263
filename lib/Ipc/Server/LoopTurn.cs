namespace Strata.Ipc;

/// <summary>Brings what awaits it back to the loop thread.</summary>
internal sealed class LoopTurn : ILoopWork
{
    // Continuations run where it completes, on purpose.
    private readonly TaskCompletionSource _come = new();

    internal Task Come => _come.Task;

    public void Run() => _come.SetResult();
}
