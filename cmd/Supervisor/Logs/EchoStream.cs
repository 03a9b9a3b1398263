using Strata.Linux;

namespace Strata.Supervisor;

/// <summary>The echo as a stream for the supervisor's own logger, whose every write is one line.</summary>
internal sealed class EchoStream(Echo echo) : WriteOnlyStream
{
    /// <summary>Told each line as well, once there is somebody to keep it; must not block.</summary>
    internal Action<byte[]>? AlsoTo { get; set; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var line = buffer.ToArray();
        echo.Write(line);
        AlsoTo?.Invoke(line);
    }
}
