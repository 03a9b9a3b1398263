using Strata.Ipc;

namespace Strata.Hosting;

/// <summary>Bounds of a socket server.</summary>
public sealed record ServerOptions
{
    /// <summary>Bounds of the wire.</summary>
    public IpcLimits Limits { get; init; } = IpcLimits.Default;

    /// <summary>Open connections of the whole service. Default 4096.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>Open connections of one user id. Default 1024.</summary>
    public int MaxConnectionsPerUid { get; init; } = 1024;

    /// <summary>Memory in bytes for the frames begun and the answers unsent of all connections. Default 256 MiB.</summary>
    public long MaxHeldBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Memory among it for the connections of one user id. Default 128 MiB.</summary>
    public long MaxHeldBytesPerUid { get; init; } = 128L * 1024 * 1024;

    /// <summary>Loops, each with a thread and its own connections. Default one for two processors, at most 4.</summary>
    public int Loops { get; init; } = Math.Clamp(Environment.ProcessorCount / 2, 1, 4);

    /// <summary>How long a stopping server waits for calls in progress. Default 2 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often each loop shows that it is alive; zero for never. Default zero.</summary>
    public TimeSpan HeartbeatInterval { get; init; }
}
