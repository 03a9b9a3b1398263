using Strata.Supervision;

namespace Strata.Supervisor;

internal sealed partial class NodeLoop
{
    private Mail.Leave? _leaving;

    /// <summary>The program that is to take over from here; null while none is.</summary>
    internal string? Successor { get; private set; }

    /// <summary>Asks the loop to end without stopping anything, so that another program goes on from the record.</summary>
    /// <returns>False when the node is on its way down, or another program was faster.</returns>
    internal Task<bool> LeaveAsync(string binary)
    {
        var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new Mail.Leave(binary, answer));
        return answer.Task;
    }

    private void Begin(Mail.Leave leave)
    {
        if (_leaving is not null || _board.Current.State.ShuttingDown)
        {
            leave.Answer.SetResult(false);
            return;
        }

        _leaving = leave;
    }

    /// <summary>Ends the loop once no process is between its making and its program.</summary>
    private void LeaveIfPossible()
    {
        if (_leaving is not { } leave || _effects.IsSpawning || _over)
        {
            return;
        }

        Recorder?.Save(_board.Current);
        Successor = leave.Binary;
        _over = true;
        leave.Answer.SetResult(true);
    }
}
