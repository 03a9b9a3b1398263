using System.CommandLine;
using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary><c>fs cat</c>: the bytes of files, exactly, whatever their size.</summary>
internal static class FsCatCommand
{
    /// <summary>Bytes asked for at a time; as base64 they fit a frame with room to spare.</summary>
    public const int ChunkBytes = 512 * 1024;

    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(1);

    public static Command Create(Cli cli)
    {
        var paths = FsArguments.Paths(cli, "Files beneath the capability's prefix");
        return cli.Command(
            "cat", "Writes files to standard output, byte for byte.", [paths], ["strata-ctl fs cat notes.txt", "strata-ctl fs cat backup.tar | tar t"],
            async (session, parsed, cancellation) =>
            {
                if (session.Out.Json)
                {
                    throw new UsageException("fs cat writes bytes, not JSON; for JSON use: strata-ctl call fs.read");
                }

                foreach (var path in parsed.GetRequiredValue(paths))
                {
                    await CopyAsync(session, path, cancellation).ConfigureAwait(false);
                }

                return ExitCode.Ok;
            });
    }

    private static async Task CopyAsync(Session session, string path, CancellationToken cancellation)
    {
        var open = Call.Of("fs.open", new OpenParams(path), WireJson.Default.OpenParams) with { WithToken = true, Resource = path };
        var handle = (await session.Node.CallAsync(open, WireJson.Default.OpenResult, cancellation).ConfigureAwait(false)).Handle;
        try
        {
            for (long offset = 0; ;)
            {
                var read = Call.Of("fs.read", new ReadParams(handle, offset, ChunkBytes), WireJson.Default.ReadParams);
                var chunk = await session.Node.CallAsync(read with { WithToken = true, Resource = path }, WireJson.Default.ReadResult, cancellation).ConfigureAwait(false);
                session.Out.Raw(chunk.DataB64);
                offset += chunk.DataB64.Length;
                if (chunk.Eof)
                {
                    return;
                }

                // Neither bytes nor the end: going on would ask the same for ever, and stopping would pass for the whole file.
                if (chunk.DataB64.IsEmpty)
                {
                    throw new CallFailedException(new CallFailure("fs.read", "", RpcError.Internal($"{path}: no bytes at {offset}, and not the end"), Answered: true));
                }
            }
        }
        finally
        {
            await CloseAsync(session, handle).ConfigureAwait(false);
        }
    }

    /// <summary>Gives the handle back, also after an interrupt; the service closes what this cannot when the capability ends.</summary>
    private static async Task CloseAsync(Session session, string handle)
    {
        using var limit = new CancellationTokenSource(CloseLimit);
        try
        {
            var close = Call.Of("fs.close", new CloseParams(handle), WireJson.Default.CloseParams) with { WithToken = true };
            await session.Node.SendAsync(close, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CallFailedException or OperationCanceledException)
        {
            // The bytes have been delivered, or the reason why not is on its way to the user.
        }
    }
}
