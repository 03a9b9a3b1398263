using Microsoft.Extensions.Logging;
using Strata.Hosting;
using Strata.Ipc;

namespace Strata.Supervisor;

/// <summary>Logs what the supervisor's own server tells.</summary>
internal sealed class ServerEvents(ILogger log) : IServerEvents
{
    public void HandlerFaulted(CallContext call, Exception exception) => log.HandlerFaulted(call.Method.Name, call.ReqId, exception);

    public void ConnectionDropped(Peer peer, string reason) => log.Dropped(peer.Pid, peer.Uid, reason);

    public void DescriptorsExhausted() => log.NoDescriptors();

    public void Heartbeat()
    {
        // The node's loop, not the server, is what the service manager must know to be alive.
    }
}
