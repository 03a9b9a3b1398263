using Strata.Ipc;

namespace Strata.Hosting;

/// <summary>What a server tells whoever runs it. Called on loop threads; must not block.</summary>
public interface IServerEvents
{
    /// <summary>A handler threw something unexpected.</summary>
    void HandlerFaulted(CallContext call, Exception exception);

    /// <summary>A connection was refused or ended by the server.</summary>
    /// <param name="peer">The other end.</param>
    /// <param name="reason">Why, in words.</param>
    void ConnectionDropped(Peer peer, string reason);

    /// <summary>No descriptor was left, or none to spare, for a connection; it was closed unserved.</summary>
    void DescriptorsExhausted();

    /// <summary>All loops have shown that they are alive within one heartbeat interval.</summary>
    void Heartbeat();
}
