namespace Strata.Ipc;

/// <summary>Every bound of the wire layer. The defaults are protocol v1's; smaller values serve tests.</summary>
public sealed record IpcLimits
{
    /// <summary>The defaults.</summary>
    public static IpcLimits Default { get; } = new();

    /// <summary>Largest payload of a frame in bytes, both directions, inclusive. Default 1 MiB.</summary>
    public int MaxFrameBytes { get; init; } = 1024 * 1024;

    /// <summary>Deepest nesting of arrays and objects in a request. Default 16.</summary>
    public int MaxDepth { get; init; } = 16;

    /// <summary>Longest <c>req_id</c> as it stands in the JSON text, in bytes. Default 256.</summary>
    public int MaxReqIdBytes { get; init; } = 256;

    /// <summary>Longest method name in bytes. Default 128.</summary>
    public int MaxMethodBytes { get; init; } = 128;

    /// <summary>Longest token in bytes. Default 8192.</summary>
    public int MaxTokenBytes { get; init; } = 8192;

    /// <summary>Longest <c>deadline_ms</c>. Default one hour.</summary>
    public int MaxDeadlineMs { get; init; } = 3_600_000;

    /// <summary>Calls in progress on one connection; further frames wait unread. Default 64.</summary>
    public int MaxInFlight { get; init; } = 64;

    /// <summary>
    /// Streaming calls among them. Default 32: streams need not end, so that without this bound they could take every
    /// place and leave none for the <c>cancel</c> that would end them.
    /// </summary>
    public int MaxStreams { get; init; } = 32;

    /// <summary>Unsent output on one connection in bytes above which no further frame is taken. Default 256 KiB.</summary>
    public int OutputHighWaterBytes { get; init; } = 256 * 1024;

    /// <summary>Descriptors among the unsent output of one connection; a further answer with one becomes an error. Default 8.</summary>
    public int MaxUnsentDescriptors { get; init; } = 8;

    /// <summary>What an unsent descriptor counts for in the <see cref="HeldBytesBudget"/>: they are scarcer than memory. Default 64 KiB.</summary>
    public int HeldBytesPerDescriptor { get; init; } = 64 * 1024;

    /// <summary>
    /// Memory of one connection in bytes that no <see cref="HeldBytesBudget"/> counts, so that small frames cost no
    /// bookkeeping. Default 16 KiB.
    /// </summary>
    public int FreeHeldBytes { get; init; } = 16 * 1024;

    /// <summary>A frame that has begun must be complete within this time. Default 10 s.</summary>
    public TimeSpan FrameTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A connection must have sent its first frame within this time. Default 30 s.</summary>
    public TimeSpan FirstFrameTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Unsent output must make progress within this time. Default 10 s.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A connection with nothing in progress is closed after this time. Default 10 minutes.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);
}
