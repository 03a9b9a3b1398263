using System.CommandLine;
using System.Text.Json;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox image</c>: what sandboxes are made of.</summary>
internal static class SandboxImageCommands
{
    /// <summary>Pages followed; at 100 images a page, more than a service may have.</summary>
    public const int MaxPages = 100;

    public static Command Create(Cli cli) => cli.Family(
        "image", "Works with the images that sandboxes are made of.", List(cli), Inspect(cli), SandboxImageTransfers.Pull(cli), SandboxImageTransfers.Import(cli), Validate(cli), Remove(cli), Prune(cli));

    private static Command List(Cli cli) => cli.Command(
        "ls", "Lists the images that are stored.", [], ["strata-ctl sandbox image ls", "strata-ctl sandbox image ls --json | jq -r '.images[].names[]'"],
        async (session, _, cancellation) =>
        {
            var found = await FetchAsync(session, cancellation).ConfigureAwait(false);
            if (session.Out.Json)
            {
                session.Out.Document(json => Write(json, found));
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

    private static Command Inspect(Cli cli)
    {
        var image = Image();
        return cli.Command(
            "inspect", "Shows what an image is made of and what its programs are started with.", [image], ["strata-ctl sandbox image inspect docker.io/library/alpine:3.20"],
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
                    ("environment", string.Join(' ', details.Environment)), ("directory", details.WorkingDirectory), ("user", details.User),
                    ("entrypoint", string.Join(' ', details.Entrypoint)), ("command", string.Join(' ', details.Command)),
                    .. details.Layers.Select((layer, i) => ($"layer {i}", (Cell)$"{Short(layer.Digest)} {ByteSizes.Show(layer.Bytes)}")),
                ]);
                return ExitCode.Ok;
            });
    }

    private static Command Validate(Cli cli)
    {
        var image = Image();
        return cli.Command(
            "validate", "Reads all that is stored of an image and tells what is not as it was.", [image], ["strata-ctl sandbox image validate python"],
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

    private static Command Remove(Cli cli)
    {
        var image = Image();
        return cli.Command(
            "rm", "Takes an image's name away, and with the last one the image.", [image], ["strata-ctl sandbox image rm docker.io/library/alpine:3.20"],
            (session, parsed, cancellation) => RemoveAsync(session, CallOf("image_delete", parsed.GetRequiredValue(image)), cancellation));
    }

    private static Command Prune(Cli cli)
    {
        var all = new Option<bool>("--all", "-a") { Description = "Also images that have a name, unless they are in use" };
        return cli.Command(
            "prune", "Removes images without a name, and what is left of pulls and uploads.", [all], ["strata-ctl sandbox image prune", "strata-ctl sandbox image prune --all"],
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

    private static Argument<string> Image() => new("IMAGE") { Description = "Name or digest of the image", HelpName = "IMAGE" };

    private static Call CallOf(string method, string image) =>
        Call.Of("sandbox." + method, new SandboxImageParams(image), WireJson.Default.SandboxImageParams) with { WithToken = true, Resource = image };

    /// <summary>Enough of a digest to tell images apart.</summary>
    private static string Short(string digest) => digest.Length > 19 ? digest[..19] : digest;

    private static void Write(Utf8JsonWriter json, List<SandboxImage> found)
    {
        json.WriteStartObject();
        json.WriteStartArray("images"u8);
        foreach (var image in found)
        {
            JsonSerializer.Serialize(json, image, WireJson.Default.SandboxImage);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
