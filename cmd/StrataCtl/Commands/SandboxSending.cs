using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary>Sends a stream to a sandbox: as a file, or as an archive that is unpacked there.</summary>
internal static class SandboxSending
{
    /// <summary>Bytes of one call; as base64 they fit a frame with room to spare.</summary>
    public const int PieceBytes = 512 * 1024;

    /// <summary>Calls on their way at once.</summary>
    private const int Window = 4;

    public static async Task<SandboxUploadDone> RunAsync(Session session, Call begin, Stream content, long? size, string name, CancellationToken cancellation)
    {
        var handle = (await session.Node.CallAsync(begin with { WithToken = true }, WireJson.Default.SandboxUploadBegun, cancellation).ConfigureAwait(false)).Handle;
        using var progress = new ProgressBar(session, name);
        var onTheirWay = new Queue<Task<UploadWriteResult>>();
        long offset = 0;
        try
        {
            while (true)
            {
                var piece = new byte[PieceBytes];
                var count = await content.ReadAtLeastAsync(piece, PieceBytes, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                if (onTheirWay.Count == Window)
                {
                    progress.Report((await onTheirWay.Dequeue().ConfigureAwait(false)).Offset, size);
                }

                var write = Call.Of("sandbox.upload_write", new SandboxUploadWriteParams(handle, offset, piece.AsMemory(0, count)), WireJson.Default.SandboxUploadWriteParams);
                onTheirWay.Enqueue(session.Node.CallAsync(write with { WithToken = true, Resource = begin.Resource }, WireJson.Default.UploadWriteResult, cancellation));
                offset += count;
            }

            while (onTheirWay.TryDequeue(out var call))
            {
                progress.Report((await call.ConfigureAwait(false)).Offset, size);
            }
        }
        finally
        {
            // The first failure is told; the others are its echoes.
            await Task.WhenAll(onTheirWay.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var commit = Call.Of("sandbox.upload_commit", new SandboxUploadCommitParams(handle, offset), WireJson.Default.SandboxUploadCommitParams);
        return await session.Node.CallAsync(
            commit with { WithToken = true, Resource = begin.Resource, ExtraTime = FsArguments.LongTime }, WireJson.Default.SandboxUploadDone, cancellation).ConfigureAwait(false);
    }
}
