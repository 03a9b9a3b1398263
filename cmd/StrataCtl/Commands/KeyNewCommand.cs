using System.CommandLine;
using Strata.Policy;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>key new</c>: a key for a holder, to which capabilities are bound.</summary>
internal static class KeyNewCommand
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static Command Create(Cli cli)
    {
        var file = new Argument<string>("FILE") { Description = "Where to put it; a file that is there is never overwritten" };
        return cli.Command(
            "new", "Makes a holder's key, for capabilities that are of use to nobody else, and prints its public half.", [file],
            ["strata-ctl key new agent.key", "strata-ctl key new --json agent.key"],
            (session, parsed, _) => Task.FromResult(Make(session, parsed.GetValue(file)!)));
    }

    private static int Make(Session session, string path)
    {
        using var key = Ed25519Provider.Create().Generate();
        try
        {
            using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Private });
            file.Write(System.Text.Encoding.ASCII.GetBytes(HolderKeyPem.Write(key)));
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException(File.Exists(path)
                ? $"{path} is there already, and a key is never overwritten; name another file, or remove it if nothing is bound to its key"
                : $"cannot write {path}: {e.Message}");
        }

        var written = HolderKey.Of(key.PublicKey).Value;
        if (session.Out.Json)
        {
            session.Out.Document(json =>
            {
                json.WriteStartObject();
                json.WriteString("holder_key"u8, written);
                json.WriteString("file"u8, path);
                json.WriteEndObject();
            });
        }
        else
        {
            session.Out.Line(written);
        }

        return ExitCode.Ok;
    }
}
