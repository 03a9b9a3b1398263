using System.CommandLine;
using System.Globalization;
using System.Text;
using Strata.Contracts;
using Strata.Linux;
using Strata.Policy;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>fs put</c>: sends a file. What broke off goes on the next time, as long as the file is the same; its hash is checked at the end.</summary>
internal static class FsPutCommand
{
    /// <summary>Bytes of one call; as base64 they fit a frame with room to spare.</summary>
    public const int PieceBytes = 512 * 1024;

    /// <summary>Calls on their way at once.</summary>
    private const int Window = 4;

    public static Command Create(Cli cli)
    {
        var local = new Argument<string>("LOCAL") { Description = "File here; - reads standard input", HelpName = "LOCAL" };
        var path = FsArguments.Path(cli, description: "Path beneath the capability's prefix; ending in / a directory [default: the same name]");
        path.Arity = ArgumentArity.ZeroOrOne;
        var force = FsArguments.Force();
        return cli.Command(
            "put", "Sends a file; goes on where an earlier attempt broke off.", [local, path, force],
            ["strata-ctl fs put report.pdf", "strata-ctl fs put report.pdf reports/", "tar c src | strata-ctl fs put - src.tar"],
            (session, parsed, cancellation) => RunAsync(session, parsed.GetRequiredValue(local), parsed.GetValue(path), parsed.GetValue(force), cancellation));
    }

    private static async Task<int> RunAsync(Session session, string local, string? path, bool force, CancellationToken cancellation)
    {
        if (local == "-" && (path is null || path.EndsWith('/')))
        {
            throw new UsageException("standard input has no name; give a path, e.g.: strata-ctl fs put - src.tar");
        }

        path = FsChangeCommands.Into(path ?? "./", local);
        Stream file;
        string upload;
        long? size = null;
        if (local == "-")
        {
            (file, upload) = (session.Around.Stdin, RandomName());
        }
        else
        {
            try
            {
                var opened = new FileStream(local, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                (file, size, upload) = (opened, opened.Length, NameOf(opened));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new UsageException($"cannot read {local}: {e.Message}");
            }
        }

        await using (file.ConfigureAwait(false))
        {
            await SendAsync(session, file, size, new UploadParams(path, upload, force), cancellation).ConfigureAwait(false);
        }

        return ExitCode.Ok;
    }

    private static async Task SendAsync(Session session, Stream file, long? size, UploadParams wish, CancellationToken cancellation)
    {
        var begin = Call.Of("fs.upload", wish, WireJson.Default.UploadParams) with { WithToken = true, Resource = wish.Path };
        var upload = await session.Node.CallAsync(begin, WireJson.Default.UploadResult, cancellation).ConfigureAwait(false);
        var hash = new Sha256Hash();
        var offset = await SkipAsync(file, upload.Offset, hash, cancellation).ConfigureAwait(false);
        using var progress = new ProgressBar(session, wish.Path, offset);
        var onTheirWay = new Queue<Task<UploadWriteResult>>();
        try
        {
            while (true)
            {
                var piece = new byte[PieceBytes];
                var count = await file.ReadAtLeastAsync(piece, PieceBytes, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                hash.Append(piece.AsSpan(0, count));
                if (onTheirWay.Count == Window)
                {
                    progress.Report((await onTheirWay.Dequeue().ConfigureAwait(false)).Offset, size);
                }

                var write = Call.Of("fs.upload_write", new UploadWriteParams(upload.Handle, offset, piece.AsMemory(0, count)), WireJson.Default.UploadWriteParams)
                    with { WithToken = true, Resource = wish.Path };
                onTheirWay.Enqueue(session.Node.CallAsync(write, WireJson.Default.UploadWriteResult, cancellation));
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

        var commit = Call.Of("fs.upload_commit", new UploadCommitParams(upload.Handle, offset, hash.Finish()), WireJson.Default.UploadCommitParams)
            with { WithToken = true, Resource = wish.Path, ExtraTime = FsArguments.LongTime };
        var answer = await session.Node.SendAsync(commit, cancellation).ConfigureAwait(false);
        if (session.Out.Json)
        {
            session.Out.Document(answer.Result);
        }
    }

    /// <summary>Passes over what is there already, which is part of the hash.</summary>
    private static async Task<long> SkipAsync(Stream file, long bytes, Sha256Hash hash, CancellationToken cancellation)
    {
        var buffer = new byte[PieceBytes];
        long skipped = 0;
        while (skipped < bytes)
        {
            var count = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, bytes - skipped)), cancellation).ConfigureAwait(false);
            if (count == 0)
            {
                throw new UsageException("more of the upload is there than the file has; remove its .strata-upload- file on the node and try again");
            }

            hash.Append(buffer.AsSpan(0, count));
            skipped += count;
        }

        return skipped;
    }

    /// <summary>The same file has the same name of an upload the next time; another version of it has another.</summary>
    private static string NameOf(FileStream file)
    {
        var hash = new Sha256Hash();
        var changed = File.GetLastWriteTimeUtc(file.SafeFileHandle).Ticks;
        hash.Append(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFullPath(file.Name)}\n{file.Length}\n{changed}")));
        return hash.Finish()[..32];
    }

    private static string RandomName()
    {
        Span<byte> random = stackalloc byte[16];
        SecureRandom.Fill(random);
        return Convert.ToHexStringLower(random);
    }
}
