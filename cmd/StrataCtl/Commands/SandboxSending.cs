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

    /// <summary>Sends all of it.</summary>
    /// <param name="session">To where.</param>
    /// <param name="begin">The call that begins it.</param>
    /// <param name="content">What is sent; of a file that has a name to be found again by, sought in.</param>
    /// <param name="size">How much it is; null when that is not known.</param>
    /// <param name="name">What it is called here.</param>
    /// <param name="resumes">Whether the call names it so that it is gone on with after the connection broke off.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<SandboxUploadDone> RunAsync(Session session, Call begin, Stream content, long? size, string name, bool resumes, CancellationToken cancellation)
    {
        var hasBegun = false;
        return await Resending.RunAsync(session, AttemptAsync, failure => resumes && hasBegun && BrokeOff(failure), cancellation).ConfigureAwait(false);

        async Task<SandboxUploadDone> AttemptAsync()
        {
            var begun = await session.Node.CallAsync(begin with { WithToken = true }, WireJson.Default.SandboxUploadBegun, cancellation).ConfigureAwait(false);
            hasBegun = true;
            if (resumes)
            {
                content.Position = begun.Offset;
            }

            if (begun.Offset > 0)
            {
                session.Notice($"{name}: goes on at {ByteSizes.Show(begun.Offset)} of {ByteSizes.Show(content.Length)}");
            }

            var sent = await SendAsync(session, begin, begun, content, size, name, cancellation).ConfigureAwait(false);
            return await CommitAsync(session, begin, begun.Handle, sent, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Whether the connection was lost, or what came of it is not what we think. Whether a commit was done that nobody answered, nobody can say.</summary>
    private static bool BrokeOff(CallFailure failure) => failure.Method != "sandbox.upload_commit" && (!failure.Answered || failure.Error.Reason is "offset_mismatch" or "no_such_handle");

    /// <summary>Sends what is left.</summary>
    /// <returns>How much it is in all.</returns>
    private static async Task<long> SendAsync(Session session, Call begin, SandboxUploadBegun begun, Stream content, long? size, string name, CancellationToken cancellation)
    {
        var (handle, offset) = (begun.Handle, begun.Offset);
        using var progress = new ProgressBar(session, name);
        var onTheirWay = new Queue<Task<UploadWriteResult>>();
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

        return offset;
    }

    private static async Task<SandboxUploadDone> CommitAsync(Session session, Call begin, string handle, long size, CancellationToken cancellation)
    {
        var commit = Call.Of("sandbox.upload_commit", new SandboxUploadCommitParams(handle, size), WireJson.Default.SandboxUploadCommitParams);
        return await session.Node.CallAsync(
            commit with { WithToken = true, Resource = begin.Resource, ExtraTime = FsArguments.LongTime }, WireJson.Default.SandboxUploadDone, cancellation).ConfigureAwait(false);
    }
}
