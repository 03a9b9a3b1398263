namespace Strata.Ipc;

/// <content>What the connection holds in memory, and the server's budget for it.</content>
public sealed partial class ServerSession
{
    private long _charged;

    private static RpcError MemoryExhausted { get; } = RpcError.ResourceExhausted(
        "your connections hold as much of the service's memory as they may; read the answers that wait and finish the frames begun, then try again",
        "memory_exhausted");

    /// <summary>
    /// Brings the budget up to date with what is held now. Growth is measured after the fact, so that a loop exceeds the
    /// budget by one receive or one frame at most, and only until this returns.
    /// </summary>
    /// <returns>False when what is held has no room in the budget.</returns>
    private bool TryCharge()
    {
        if (Host.Budget is not { } budget)
        {
            return true;
        }

        var due = Math.Max(0, (long)_input.Capacity + Output.Capacity - _limits.FreeHeldBytes) + ((long)Output.Descriptors * _limits.HeldBytesPerDescriptor);
        if (due > _charged && !budget.TryTake(Peer.Uid, due - _charged))
        {
            return false;
        }

        if (due < _charged)
        {
            budget.Release(Peer.Uid, _charged - due);
        }

        _charged = due;
        return true;
    }

    /// <summary>A frame that finds no room to wait for its rest ends the connection: it cannot be skipped.</summary>
    private void ChargeInput()
    {
        if (!TryCharge())
        {
            Answer(null, default, MemoryExhausted);
            Break();
            Host.Dropped(Peer, "what its user holds of the service's memory has reached the bound");
        }
    }
}
