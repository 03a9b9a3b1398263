using Strata.Supervision;

namespace Strata.Supervisor;

internal sealed partial class NodeLoop
{
    /// <summary>Hands another configuration over.</summary>
    internal Task<ReconfigureReply> ReconfigureAsync(CheckedConfiguration next)
    {
        var answer = new TaskCompletionSource<ReconfigureReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new Mail.Reconfigure(next, answer));
        return answer.Task;
    }

    // First what the machine makes of it, which changes nothing yet; then sockets, which may fail; then it holds.
    private ReconfigureReply Reconfigure(CheckedConfiguration next)
    {
        var before = _board.Current.State;
        var step = NodeMachine.Apply(before, new NodeEvent.Reconfigure(next.Plan!), _clock.Now);
        if (step.Result.Status != CommandStatus.Ok)
        {
            return new ReconfigureReply(step.Result, before, before, []);
        }

        var faults = _effects.Install(next);
        if (faults.Count > 0)
        {
            return new ReconfigureReply(step.Result, before, before, faults);
        }

        CarryOut(step);
        _effects.RefreshRegistrations();
        return new ReconfigureReply(step.Result, before, step.State, []);
    }
}
