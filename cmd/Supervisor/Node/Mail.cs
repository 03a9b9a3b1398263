using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>What other threads tell the node's loop.</summary>
internal abstract record Mail
{
    private Mail()
    {
    }

    /// <summary>An event from outside, with whoever waits for the answer.</summary>
    internal sealed record Command(NodeEvent Event, TaskCompletionSource<CommandReply>? Answer) : Mail;

    /// <summary>A process has been made and waits until it is recorded.</summary>
    internal sealed record Born(string Name, KeptProcess Process, ManualResetEventSlim Recorded) : Mail;

    /// <summary>Another configuration, with whoever waits for the answer.</summary>
    internal sealed record Reconfigure(CheckedConfiguration Next, TaskCompletionSource<ReconfigureReply> Answer) : Mail;

    /// <summary>Another program is to take over: the loop ends, and leaves everything as it is.</summary>
    internal sealed record Leave(string Binary, TaskCompletionSource<bool> Answer) : Mail;

    /// <summary>A spawn has ended.</summary>
    internal sealed record SpawnEnded(string Name, int Incarnation, ChildProcess? Child, string Error, FileDescriptor? Readiness = null) : Mail
    {
        /// <summary>Whether it failed because the service's capabilities could not be had.</summary>
        internal bool Ungranted { get; init; }
    }

    /// <summary>Shut down without waiting for anybody to drain.</summary>
    internal sealed record Hurry(string Because) : Mail;
}
