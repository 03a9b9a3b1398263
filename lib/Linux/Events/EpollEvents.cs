namespace Strata.Linux;

/// <summary>What is awaited of a descriptor, and what came true.</summary>
[Flags]
public enum EpollEvents : uint
{
    /// <summary>Nothing; errors and hang-ups are still reported.</summary>
    None = 0,

    /// <summary>There is something to read, or to accept; a pidfd: the process ended.</summary>
    Readable = 0x1,

    /// <summary>There is room to write.</summary>
    Writable = 0x4,

    /// <summary>An error waits on the descriptor. Always reported.</summary>
    Error = 0x8,

    /// <summary>Both directions are closed. Always reported.</summary>
    HangUp = 0x10,

    /// <summary>The peer has closed its writing side.</summary>
    PeerClosedWriting = 0x2000,

    /// <summary>Wake only one of several epoll instances that watch the descriptor. Only when adding.</summary>
    Exclusive = 1u << 28,

    /// <summary>Report once, then stay silent until modified.</summary>
    OneShot = 1u << 30,

    /// <summary>Report only when the state changes.</summary>
    EdgeTriggered = 1u << 31,
}
