using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>fs get</c>: fetches a file. What broke off goes on the next time, as long as the file is the same.</summary>
internal static class FsGetCommand
{
    public static Command Create(Cli cli)
    {
        var (path, force) = (FsArguments.Path(cli), FsArguments.Force());
        var local = new Argument<string?>("LOCAL") { Description = "File or directory here; - writes to standard output [default: the same name]", Arity = ArgumentArity.ZeroOrOne, HelpName = "LOCAL" };
        return cli.Command(
            "get", "Fetches a file; goes on where an earlier attempt broke off.", [path, local, force],
            ["strata-ctl fs get backup.tar", "strata-ctl fs get backup.tar /tmp/", "strata-ctl fs get backup.tar - | tar t"],
            (session, parsed, cancellation) => RunAsync(session, parsed.GetRequiredValue(path), parsed.GetValue(local), parsed.GetValue(force), cancellation));
    }

    private static async Task<int> RunAsync(Session session, string path, string? local, bool force, CancellationToken cancellation)
    {
        if (local == "-")
        {
            await FetchAsync(session, path, new DownloadParams(path), session.Out.Raw, cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        }

        var name = System.IO.Path.GetFileName(path.TrimEnd('/'));
        var target = local is null ? name : Directory.Exists(local) ? System.IO.Path.Join(local, name) : local;
        if (!force && File.Exists(target))
        {
            throw new UsageException($"{target} exists; give --force to replace it, or another name");
        }

        var stat = Call.Of("fs.stat", new StatParams(path), WireJson.Default.StatParams) with { WithToken = true, Resource = path };
        var status = await session.Node.CallAsync(stat, WireJson.Default.StatResult, cancellation).ConfigureAwait(false);
        try
        {
            // The time is part of the name: what is there of another version is not gone on with.
            var part = $"{target}.{string.Concat(status.Modified.Where(char.IsAsciiLetterOrDigit))}.part";
            using (var file = new FileStream(part, FileMode.Append, FileAccess.Write, FileShare.None))
            {
                var wish = new DownloadParams(path, file.Length, Modified: status.Modified);
                await FetchAsync(session, path, wish, piece => file.Write(piece.Span), cancellation).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            File.Move(part, target, overwrite: force);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write {target}: {e.Message}");
        }

        return ExitCode.Ok;
    }

    private static Task FetchAsync(Session session, string path, DownloadParams wish, Action<ReadOnlyMemory<byte>> write, CancellationToken cancellation)
    {
        var call = Call.Of("fs.download", wish, WireJson.Default.DownloadParams) with { WithToken = true, Resource = path };
        return Download.RunAsync(session, call, path, write, wish.Offset, cancellation);
    }
}
