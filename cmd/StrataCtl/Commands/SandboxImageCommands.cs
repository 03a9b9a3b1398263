using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox image</c>, and <c>image</c> for short: what sandboxes are made of.</summary>
internal static class SandboxImageCommands
{
    /// <summary>Pages followed; at 100 images a page, more than a service may have.</summary>
    public const int MaxPages = 100;

    /// <summary>The family.</summary>
    /// <param name="cli">Makes it.</param>
    /// <param name="words">How it is called: what stands before <c>image</c> on the command line.</param>
    public static Command Create(Cli cli, string words) => cli.Family(
        "image", "Works with the images that sandboxes are made of.",
        List(cli, words), Inspect(cli, words), SandboxImageTransfers.Pull(cli, words), SandboxImageTransfers.Import(cli, words), Validate(cli, words), Remove(cli, words), Prune(cli, words));

    private static Command List(Cli cli, string words) => cli.Command(
        "ls", "Lists the images that are stored.", [], [$"{words} image ls", $"{words} image ls --json | jq -r '.images[].names[]'"],
        async (session, _, cancellation) =>
        {
            var found = await FetchAsync(session, cancellation).ConfigureAwait(false);
            if (session.Out.Json)
            {
                session.Out.List("images", found, WireJson.Default.SandboxImage);
                return ExitCode.Ok;
            }

            var table = new Table("NAME", "DIGEST", "LAYERS", "SIZE", "STORED", "USES");
            foreach (var image in found)
            {
                foreach (var name in image.Names.Where(name => !name.Contains('@', StringComparison.Ordinal)).DefaultIfEmpty("-"))
                {
                    table.Add(name, Short(image.Digest), image.Layers, ByteSizes.Show(image.Bytes), image.Stored, image.Uses);
                }
            }

            session.Out.Table(table);
            return ExitCode.Ok;
        });

    private static Command Inspect(Cli cli, string words)
    {
        var image = Image(cli);
        return cli.Command(
            "inspect", "Shows what an image is made of and what its programs are started with.", [image], [$"{words} image inspect docker.io/library/alpine:3.20"],
            async (session, parsed, cancellation) =>
            {
                var response = await session.Node.SendAsync(CallOf("image_inspect", parsed.GetRequiredValue(image)), cancellation).ConfigureAwait(false);
                if (session.Out.Json)
                {
                    session.Out.Document(response.Result);
                    return ExitCode.Ok;
                }

                var details = response.Get(WireJson.Default.SandboxImageDetails);
                session.Out.Fields(
                [
                    ("digest", details.Image.Digest), ("names", string.Join(' ', details.Image.Names)), ("size", ByteSizes.Show(details.Image.Bytes)), ("stored", details.Image.Stored), ("uses", details.Image.Uses),
                    ("environment", Words(details.Environment)), ("directory", Word(details.WorkingDirectory)), ("user", Word(details.User)),
                    ("entrypoint", Words(details.Entrypoint)), ("command", Words(details.Command)),
                    .. details.Layers.Select((layer, i) => ($"layer {i}", (Cell)$"{Short(layer.Digest)} {ByteSizes.Show(layer.Bytes)}")),
                ]);
                return ExitCode.Ok;
            });
    }

    private static Command Validate(Cli cli, string words)
    {
        var image = Image(cli);
        return cli.Command(
            "validate", "Reads all that is stored of an image and tells what is not as it was.", [image], [$"{words} image validate python"],
            async (session, parsed, cancellation) =>
            {
                var response = await session.Node.SendAsync(CallOf("image_validate", parsed.GetRequiredValue(image)) with { ExtraTime = FsArguments.LongTime }, cancellation).ConfigureAwait(false);
                var result = response.Get(WireJson.Default.SandboxImageValidateResult);
                if (session.Out.Json)
                {
                    session.Out.Document(response.Result);
                }
                else
                {
                    session.Out.Line(result.Good ? "as it was stored" : string.Join('\n', result.Faults));
                }

                return result.Good ? ExitCode.Ok : ExitCode.Refused;
            });
    }

    private static Command Remove(Cli cli, string words)
    {
        var image = Image(cli);
        return cli.Command(
            "rm", "Takes an image's name away, and with the last one the image.", [image], [$"{words} image rm docker.io/library/alpine:3.20"],
            (session, parsed, cancellation) => RemoveAsync(session, CallOf("image_delete", parsed.GetRequiredValue(image)), cancellation));
    }

    private static Command Prune(Cli cli, string words)
    {
        var all = new Option<bool>("--all", "-a") { Description = "Also images that have a name, unless they are in use" };
        return cli.Command(
            "prune", "Removes images without a name, and what is left of pulls and uploads.", [all], [$"{words} image prune", $"{words} image prune --all"],
            (session, parsed, cancellation) => RemoveAsync(
                session, Call.Of("sandbox.image_prune", new SandboxImagePruneParams(parsed.GetValue(all)), WireJson.Default.SandboxImagePruneParams) with { WithToken = true }, cancellation));
    }

    private static async Task<int> RemoveAsync(Session session, Call call, CancellationToken cancellation)
    {
        var response = await session.Node.SendAsync(call with { ExtraTime = FsArguments.LongTime }, cancellation).ConfigureAwait(false);
        if (session.Out.Json)
        {
            session.Out.Document(response.Result);
            return ExitCode.Ok;
        }

        var removed = response.Get(WireJson.Default.SandboxImageRemoved);
        foreach (var image in removed.Images)
        {
            session.Out.Line(image);
        }

        session.Notice($"{removed.Images.Count} images and {removed.Layers} layers removed, {ByteSizes.Show(removed.Bytes)}");
        return ExitCode.Ok;
    }

    private static async Task<List<SandboxImage>> FetchAsync(Session session, CancellationToken cancellation)
    {
        var found = new List<SandboxImage>();
        string? cursor = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var call = Call.Of("sandbox.image_list", new SandboxImageListParams(cursor), WireJson.Default.SandboxImageListParams) with { WithToken = true };
            var result = await session.Node.CallAsync(call, WireJson.Default.SandboxImageList, cancellation).ConfigureAwait(false);
            found.AddRange(result.Images);
            cursor = result.Next;
            if (cursor is null)
            {
                break;
            }
        }

        return found;
    }

    private static Argument<string> Image(Cli cli)
    {
        var image = new Argument<string>("IMAGE") { Description = "Name or digest of the image", HelpName = "IMAGE" };
        image.CompletionSources.Add(Completion.SandboxNames.StoredImages(cli));
        return image;
    }

    private static Call CallOf(string method, string image) =>
        Call.Of("sandbox." + method, new SandboxImageParams(image), WireJson.Default.SandboxImageParams) with { WithToken = true, Resource = image };

    private static string Words(IReadOnlyList<string> words) => Word(string.Join(' ', words));

    private static string Word(string word) => word.Length > 0 ? word : "-";

    /// <summary>Enough of a digest to tell images apart.</summary>
    private static string Short(string digest) => digest.Length > 19 ? digest[..19] : digest;
}
