using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary>Takes the pieces of a file that a service streams.</summary>
internal static class Download
{
    /// <summary>Takes all of it; one that ends before the file does is a failure.</summary>
    /// <param name="session">Whose output the progress accompanies.</param>
    /// <param name="call">The method, which streams <see cref="DownloadPiece"/>s.</param>
    /// <param name="path">The file, for a person.</param>
    /// <param name="write">Takes each piece, in order.</param>
    /// <param name="from">Bytes that are there already.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task RunAsync(Session session, Call call, string path, Action<ReadOnlyMemory<byte>> write, long from = 0, CancellationToken cancellation = default)
    {
        using var progress = new ProgressBar(session, path, from);
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
            throw new CallFailedException(new CallFailure(call.Method, "", RpcError.Unavailable($"{path}: the stream ended before the file did; try again"), Answered: true));
        }
    }
}
