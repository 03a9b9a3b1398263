using System.CommandLine;
using System.Formats.Tar;
using System.IO.Pipelines;
using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox cp</c>: files and directories into a sandbox and out of it.</summary>
internal static class SandboxCopyCommand
{
    public static Command Create(Cli cli)
    {
        var from = new Argument<string>("from") { Description = "SESSION:PATH, @WORKSPACE:PATH or a path here; - is standard input", HelpName = "FROM" };
        var to = new Argument<string>("to") { Description = "The same, the other way; - is standard output, to which a directory goes as a tar archive", HelpName = "TO" };
        var force = FsArguments.Force();
        var tar = new Option<bool>("--tar") { Description = "What is sent is a tar archive, to be unpacked in the directory TO" };
        return cli.Command(
            "cp", "Copies files and directories into a sandbox and out of it.", [from, to, force, tar],
            ["strata-ctl sandbox cp report.py work:", "strata-ctl sandbox cp work:/workspace/out.csv .", "strata-ctl sandbox cp src work:src", "strata-ctl sandbox cp work:src - | tar x"],
            (session, parsed, cancellation) => RunAsync(session, parsed.GetRequiredValue(from), parsed.GetRequiredValue(to), parsed.GetValue(force), parsed.GetValue(tar), cancellation));
    }

    private static Task<int> RunAsync(Session session, string from, string to, bool force, bool tar, CancellationToken cancellation) =>
        (SandboxPlace.TryRead(from), SandboxPlace.TryRead(to)) switch
        {
            (null, { } target) => SendAsync(session, from, target, force, tar, cancellation),
            ({ } source, null) when !tar => FetchAsync(session, source, to, force, cancellation),
            ({ }, null) => throw new UsageException("--tar is for what is sent; a directory comes out as an archive when TO is -"),
            (null, null) => throw new UsageException("one of the two must be in a sandbox; write it as SESSION:PATH, or as @WORKSPACE:PATH"),
            _ => throw new UsageException("one of the two must be here; copy between sandboxes in two steps"),
        };

    private static async Task<int> SendAsync(Session session, string local, SandboxPlace target, bool force, bool tar, CancellationToken cancellation)
    {
        if (Directory.Exists(local) && !tar)
        {
            return await SendDirectoryAsync(session, local, target, cancellation).ConfigureAwait(false);
        }

        if (local == "-" && !tar && (target.Path == "." || target.Path.EndsWith('/')))
        {
            throw new UsageException("standard input has no name; give a path, e.g.: strata-ctl sandbox cp - work:notes.txt");
        }

        var path = tar ? target.Path : FsChangeCommands.Into(target.Path == "." ? "./" : target.Path, local);
        try
        {
            var file = local == "-" ? session.Around.Stdin : new FileStream(local, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            await using (file.ConfigureAwait(false))
            {
                var size = local == "-" ? default(long?) : file.Length;
                var resume = tar ? null : ContentName.Of(file as FileStream);
                Done(session, await SandboxSending.RunAsync(session, tar ? Unpack(target, path) : Upload(target, path, force, resume), file, size, local, resume is not null, cancellation).ConfigureAwait(false));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot read {local}: {e.Message}");
        }

        return ExitCode.Ok;
    }

    private static async Task<int> SendDirectoryAsync(Session session, string local, SandboxPlace target, CancellationToken cancellation)
    {
        var path = FsChangeCommands.Into(target.Path == "." ? "./" : target.Path, Path.GetFullPath(local));
        var pipe = new Pipe();
        var packing = Task.Run(() => PackAsync(local, pipe.Writer, cancellation), cancellation);
        var content = pipe.Reader.AsStream();
        await using (content.ConfigureAwait(false))
        {
            Done(session, await SandboxSending.RunAsync(session, Unpack(target, path), content, null, local, resumes: false, cancellation).ConfigureAwait(false));
        }

        await packing.ConfigureAwait(false);
        return ExitCode.Ok;
    }

    private static async Task PackAsync(string directory, PipeWriter writer, CancellationToken cancellation)
    {
        try
        {
            await TarFile.CreateFromDirectoryAsync(directory, writer.AsStream(leaveOpen: true), includeBaseDirectory: false, cancellation).ConfigureAwait(false);
            await writer.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await writer.CompleteAsync(e).ConfigureAwait(false);
        }
    }

    private static async Task<int> FetchAsync(Session session, SandboxPlace source, string local, bool force, CancellationToken cancellation)
    {
        var stat = Call.Of("sandbox.stat", new SandboxStatParams(source.Path, source.Session, source.Workspace), WireJson.Default.SandboxStatParams) with { WithToken = true, Resource = source.Resource };
        var status = await session.Node.CallAsync(stat, WireJson.Default.StatResult, cancellation).ConfigureAwait(false);
        if (status.IsDir)
        {
            return local == "-" ? await FetchArchiveAsync(session, source, cancellation).ConfigureAwait(false)
                // What others have packed is for a program to unpack that its caller has chosen.
                : throw new UsageException($"{source.Path} is a directory; unpack it where you want it: strata-ctl sandbox cp {source.Resource}:{source.Path} - | tar x -C {local}");
        }

        if (local == "-")
        {
            await SandboxFetching.RunAsync(session, source, session.Out.Raw, cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        }

        var target = Directory.Exists(local) ? Path.Join(local, Path.GetFileName(source.Path.TrimEnd('/'))) : local;
        if (!force && File.Exists(target))
        {
            throw new UsageException($"{target} exists; give --force to replace it, or another name");
        }

        await SandboxFetching.ToFileAsync(session, source, target, force, cancellation).ConfigureAwait(false);
        return ExitCode.Ok;
    }

    private static async Task<int> FetchArchiveAsync(Session session, SandboxPlace source, CancellationToken cancellation)
    {
        using var progress = new ProgressBar(session, source.Path);
        var wish = new SandboxArchiveOutParams(source.Path, source.Session, source.Workspace);
        var call = Call.Of("sandbox.archive_out", wish, WireJson.Default.SandboxArchiveOutParams) with { WithToken = true, Resource = source.Resource };
        var (bytes, skipped) = (0L, 0);
        await foreach (var item in session.Node.StreamAsync(call, cancellation).ConfigureAwait(false))
        {
            if (!item.Continues)
            {
                break;
            }

            var piece = item.Get(WireJson.Default.SandboxArchivePiece);
            session.Out.Raw(piece.DataB64);
            (bytes, skipped) = (bytes + piece.DataB64.Length, piece.Skipped);
            progress.Report(bytes, null);
        }

        if (skipped > 0)
        {
            session.Notice($"{skipped} entries are not in the archive: sockets, FIFOs and devices, and what could not be read");
        }

        return ExitCode.Ok;
    }

    private static Call Upload(SandboxPlace target, string path, bool force, string? resume) =>
        Call.Of("sandbox.upload", new SandboxUploadParams(path, target.Session, target.Workspace, force, Resume: resume), WireJson.Default.SandboxUploadParams) with { Resource = target.Resource };

    private static Call Unpack(SandboxPlace target, string path) =>
        Call.Of("sandbox.archive_in", new SandboxArchiveInParams(path, target.Session, target.Workspace), WireJson.Default.SandboxArchiveInParams) with { Resource = target.Resource };

    private static void Done(Session session, SandboxUploadDone done)
    {
        if (session.Out.Json)
        {
            session.Out.Document(json => System.Text.Json.JsonSerializer.Serialize(json, done, WireJson.Default.SandboxUploadDone));
        }
    }
}
