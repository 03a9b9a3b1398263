using System.CommandLine;
using System.Globalization;
using Strata.Contracts;
using Strata.Linux;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox image pull</c> and <c>import</c>: a bar on a terminal, a line for each step elsewhere, the digest at the end.</summary>
internal static class SandboxImageTransfers
{
    /// <summary>Bytes of one call; as base64 they fit a frame with room to spare.</summary>
    public const int PieceBytes = 512 * 1024;

    public static Command Pull(Cli cli, string words)
    {
        var image = new Argument<string>("IMAGE") { Description = "registry/repository:tag or registry/repository@sha256:…", HelpName = "IMAGE" };
        var name = new Option<string?>("--name") { Description = "A further name for it", HelpName = "NAME" };
        return cli.Command(
            "pull", "Fetches an image from a registry; goes on where an earlier attempt broke off.", [image, name],
            [$"{words} image pull docker.io/library/alpine:3.20", $"{words} image pull docker.io/library/python:3.13 --name python"],
            (session, parsed, cancellation) =>
            {
                var wish = new SandboxImagePullParams(parsed.GetRequiredValue(image), parsed.GetValue(name));
                return FollowAsync(session, Call.Of("sandbox.image_pull", wish, WireJson.Default.SandboxImagePullParams) with { WithToken = true, Resource = wish.Image }, wish.Image, cancellation);
            });
    }

    public static Command Import(Cli cli, string words)
    {
        var file = new Argument<string>("FILE") { Description = "A tar: an OCI layout, docker's archive or a root; - reads standard input", HelpName = "FILE" };
        var name = new Argument<string>("NAME") { Description = "What the image is called from then on", HelpName = "NAME" };
        return cli.Command(
            "import", "Makes an image of an archive.", [file, name],
            [$"{words} image import rootfs.tar.gz base", $"docker save app:1 | {words} image import - app:1"],
            (session, parsed, cancellation) => ImportAsync(session, parsed.GetRequiredValue(file), parsed.GetRequiredValue(name), cancellation));
    }

    private static async Task<int> ImportAsync(Session session, string path, string name, CancellationToken cancellation)
    {
        long size;
        string upload;
        if (path == "-")
        {
            upload = SecureRandom.Hex(16);
            size = await SendAsync(session, session.Around.Stdin, null, upload, 0, name, cancellation).ConfigureAwait(false);
        }
        else
        {
            FileStream file;
            try
            {
                file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new UsageException($"cannot read {path}: {e.Message}");
            }

            await using (file.ConfigureAwait(false))
            {
                var known = ContentName.Of(file, name);
                upload = known ?? SecureRandom.Hex(16);
                size = known is null ? await SendAsync(session, file, null, upload, 0, name, cancellation).ConfigureAwait(false)
                    : await SendFileAsync(session, file, upload, name, cancellation).ConfigureAwait(false);
            }
        }

        var import = Call.Of("sandbox.image_import", new SandboxImageImportParams(upload, name, size), WireJson.Default.SandboxImageImportParams);
        return await FollowAsync(session, import with { WithToken = true, Resource = name }, name, cancellation).ConfigureAwait(false);
    }

    /// <summary>Sends a file, from where an earlier attempt ended, in this run or in another one.</summary>
    private static Task<long> SendFileAsync(Session session, FileStream file, string upload, string name, CancellationToken cancellation)
    {
        var asks = file.Length > PieceBytes;
        return Resending.RunAsync(session, AttemptAsync, failure => asks && (!failure.Answered || failure.Error.Reason == "upload_offset"), cancellation);

        async Task<long> AttemptAsync()
        {
            var offset = asks ? await OffsetAsync(session, file.Length, upload, name, cancellation).ConfigureAwait(false) : 0;
            if (offset > 0)
            {
                session.Notice($"{file.Name}: goes on at {ByteSizes.Show(offset)} of {ByteSizes.Show(file.Length)}");
            }

            file.Position = offset;
            return offset == file.Length ? offset : await SendAsync(session, file, file.Length, upload, offset, name, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>How much of it is there: nothing is sent to where all of it would be.</summary>
    private static async Task<long> OffsetAsync(Session session, long size, string upload, string name, CancellationToken cancellation)
    {
        try
        {
            return (await UploadAsync(session, upload, size, default, name, cancellation).ConfigureAwait(false)).Offset;
        }
        catch (CallFailedException e) when (e.Failure is { Answered: true, Error.Reason: "upload_offset" })
        {
            return e.Failure.Error.Details.FirstOrDefault(detail => detail.Key == "offset").Value is { } text && long.TryParse(text, CultureInfo.InvariantCulture, out var offset) && offset <= size ? offset : 0;
        }
    }

    private static Task<SandboxImageUploadResult> UploadAsync(Session session, string upload, long offset, ReadOnlyMemory<byte> piece, string name, CancellationToken cancellation)
    {
        var write = Call.Of("sandbox.image_upload", new SandboxImageUploadParams(upload, offset, piece), WireJson.Default.SandboxImageUploadParams);
        return session.Node.CallAsync(write with { WithToken = true, Resource = name }, WireJson.Default.SandboxImageUploadResult, cancellation);
    }

    private static async Task<long> SendAsync(Session session, Stream content, long? size, string upload, long offset, string name, CancellationToken cancellation)
    {
        using var progress = new ProgressBar(session, "sending " + name);
        var piece = new byte[PieceBytes];
        do
        {
            var count = await content.ReadAtLeastAsync(piece, PieceBytes, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            if (count == 0 && offset > 0)
            {
                break;
            }

            offset = (await UploadAsync(session, upload, offset, piece.AsMemory(0, count), name, cancellation).ConfigureAwait(false)).Offset;
            progress.Report(offset, size);
        }
        while (offset > 0);
        return offset;
    }

    private static async Task<int> FollowAsync(Session session, Call call, string name, CancellationToken cancellation)
    {
        using var bar = new ProgressBar(session, name);
        var said = "";
        await foreach (var item in session.Node.StreamAsync(call, cancellation).ConfigureAwait(false))
        {
            if (!item.Continues)
            {
                break;
            }

            var now = item.Get(WireJson.Default.SandboxImageProgress);
            if (session.Out.Json)
            {
                session.Out.JsonLine(item.Result);
            }
            else if (now.Image is { } image)
            {
                bar.Dispose();
                session.Out.Line(image.Digest);
            }
            else if (session.Around.StderrIsTerminal)
            {
                bar.Report(now.Bytes, now.TotalBytes > 0 ? now.TotalBytes : null);
            }
            else if (Step(now) is var step && step != said)
            {
                said = step;
                session.Notice($"{name}: {step}");
            }
        }

        return ExitCode.Ok;
    }

    /// <summary>A line for whoever has no terminal: one a layer, not one for every tenth of a second.</summary>
    private static string Step(SandboxImageProgress now) => now.Layers == 0 ? now.Phase
        : string.Create(CultureInfo.InvariantCulture, $"{now.Phase}, {now.LayersDone} of {now.Layers} layers");
}
