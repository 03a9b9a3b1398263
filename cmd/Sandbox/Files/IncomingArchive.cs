using System.IO.Pipelines;
using Strata.Contracts;

namespace Strata.Sandbox;

/// <summary>An archive that is sent, and unpacked as it comes by a thread of its own. What was unpacked before an error stays.</summary>
internal sealed class IncomingArchive : Incoming
{
    private const int PauseBytes = 2 * 1024 * 1024;

    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: PauseBytes, resumeWriterThreshold: PauseBytes / 2, useSynchronizationContext: false));
    private readonly CancellationTokenSource _ends;
    private readonly Task<int> _unpacking;
    private readonly IDisposable _place;

    internal IncomingArchive(FileSpace space, string path, IDisposable place, ArchiveLimits limits)
        : base(space, path)
    {
        _place = place;
        _ends = CancellationTokenSource.CreateLinkedTokenSource(space.Ended);
        var target = new ArchiveTarget(space, path, limits, _ends.Token);
        _unpacking = Task.Factory.StartNew(() => Unpack(target), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    internal override async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var flushed = await _pipe.Writer.WriteAsync(bytes, cancellation).ConfigureAwait(false);
        if (flushed.IsCompleted)
        {
            // Unpacking has met an error, or the archive's end before the bytes' end: what follows it is padding.
            await _unpacking.ConfigureAwait(false);
        }

        Received += bytes.Length;
    }

    internal override async Task<SandboxUploadDone> CommitAsync(CancellationToken cancellation)
    {
        await _pipe.Writer.CompleteAsync().ConfigureAwait(false);
        return new SandboxUploadDone(Received, await _unpacking.WaitAsync(cancellation).ConfigureAwait(false));
    }

    protected override void OnDisposed()
    {
        _ends.Cancel();
        _pipe.Writer.Complete(new OperationCanceledException());
        // The thread works in the space, which is closed behind it.
        _unpacking.ContinueWith(static _ => { }, TaskScheduler.Default).GetAwaiter().GetResult();
        _ = _unpacking.Exception;
        _place.Dispose();
        _ends.Dispose();
    }

    private int Unpack(ArchiveTarget target)
    {
        try
        {
            using var entered = Space.Reenter?.Invoke();
            using var stream = _pipe.Reader.AsStream(leaveOpen: true);
            return target.Run(stream);
        }
        finally
        {
            _pipe.Reader.Complete();
        }
    }
}
