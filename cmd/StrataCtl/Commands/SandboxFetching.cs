using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary>Fetches a file from a sandbox.</summary>
internal static class SandboxFetching
{
    public static async Task RunAsync(Session session, SandboxPlace source, Action<ReadOnlyMemory<byte>> write, CancellationToken cancellation)
    {
        using var progress = new ProgressBar(session, source.Path);
        var wish = new SandboxDownloadParams(source.Path, source.Session, source.Workspace);
        var call = Call.Of("sandbox.download", wish, WireJson.Default.SandboxDownloadParams) with { WithToken = true, Resource = source.Resource };
        var isWhole = false;
        await foreach (var item in session.Node.StreamAsync(call, cancellation).ConfigureAwait(false))
        {
            if (!item.Continues)
            {
                break;
            }

            var piece = item.Get(WireJson.Default.DownloadPiece);
            write(piece.DataB64);
            isWhole = piece.Eof;
            progress.Report(piece.Offset + piece.DataB64.Length, piece.Size);
        }

        if (!isWhole)
        {
            throw new CallFailedException(new CallFailure("sandbox.download", "", RpcError.Unavailable($"{source.Path}: the stream ended before the file did; try again"), Answered: true));
        }
    }

    /// <summary>Writes it beside the target, which it becomes when it is whole.</summary>
    public static async Task ToFileAsync(Session session, SandboxPlace source, string target, bool force, CancellationToken cancellation)
    {
        var part = target + ".part";
        try
        {
            using (var file = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                await RunAsync(session, source, piece => file.Write(piece.Span), cancellation).ConfigureAwait(false);
            }

            File.Move(part, target, overwrite: force);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write {target}: {e.Message}");
        }
        finally
        {
            File.Delete(part);
        }
    }
}
