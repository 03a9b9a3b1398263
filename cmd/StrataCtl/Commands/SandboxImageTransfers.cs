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

    public static Command Pull(Cli cli)
    {
        var image = new Argument<string>("IMAGE") { Description = "registry/repository:tag or registry/repository@sha256:…", HelpName = "IMAGE" };
        var name = new Option<string?>("--name") { Description = "A further name for it", HelpName = "NAME" };
        return cli.Command(
            "pull", "Fetches an image from a registry; goes on where an earlier attempt broke off.", [image, name],
            ["strata-ctl sandbox image pull docker.io/library/alpine:3.20", "strata-ctl sandbox image pull docker.io/library/python:3.13 --name python"],
            (session, parsed, cancellation) =>
            {
                var wish = new SandboxImagePullParams(parsed.GetRequiredValue(image), parsed.GetValue(name));
                return FollowAsync(session, Call.Of("sandbox.image_pull", wish, WireJson.Default.SandboxImagePullParams) with { WithToken = true, Resource = wish.Image }, wish.Image, cancellation);
            });
    }

    public static Command Import(Cli cli)
    {
        var file = new Argument<string>("FILE") { Description = "A tar: an OCI layout, docker's archive or a root; - reads standard input", HelpName = "FILE" };
        var name = new Argument<string>("NAME") { Description = "What the image is called from then on", HelpName = "NAME" };
        return cli.Command(
            "import", "Makes an image of an archive.", [file, name],
            ["strata-ctl sandbox image import rootfs.tar.gz base", "docker save app:1 | strata-ctl sandbox image import - app:1"],
            (session, parsed, cancellation) => ImportAsync(session, parsed.GetRequiredValue(file), parsed.GetRequiredValue(name), cancellation));
    }

    private static async Task<int> ImportAsync(Session session, string path, string name, CancellationToken cancellation)
    {
        var upload = SecureRandom.Hex(16);
        long size;
        if (path == "-")
        {
            size = await SendAsync(session, session.Around.Stdin, null, upload, name, cancellation).ConfigureAwait(false);
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
                size = await SendAsync(session, file, file.Length, upload, name, cancellation).ConfigureAwait(false);
            }
        }

        var import = Call.Of("sandbox.image_import", new SandboxImageImportParams(upload, name, size), WireJson.Default.SandboxImageImportParams);
        return await FollowAsync(session, import with { WithToken = true, Resource = name }, name, cancellation).ConfigureAwait(false);
    }

    private static async Task<long> SendAsync(Session session, Stream content, long? size, string upload, string name, CancellationToken cancellation)
    {
        using var progress = new ProgressBar(session, "sending " + name);
        var piece = new byte[PieceBytes];
        long offset = 0;
        do
        {
            var count = await content.ReadAtLeastAsync(piece, PieceBytes, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            if (count == 0 && offset > 0)
            {
                break;
            }

            var write = Call.Of("sandbox.image_upload", new SandboxImageUploadParams(upload, offset, piece.AsMemory(0, count)), WireJson.Default.SandboxImageUploadParams);
            offset = (await session.Node.CallAsync(write with { WithToken = true, Resource = name }, WireJson.Default.SandboxImageUploadResult, cancellation).ConfigureAwait(false)).Offset;
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
