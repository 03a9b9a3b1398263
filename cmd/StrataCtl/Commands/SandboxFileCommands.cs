using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox ls</c>, <c>cat</c>, <c>rm</c>, <c>mkdir</c>, and what keeps a session's files: <c>snapshot</c>, <c>snapshots</c>, <c>fork</c>, <c>restore</c>.</summary>
internal static class SandboxFileCommands
{
    /// <summary>All of them, with <c>cp</c>.</summary>
    public static Command[] All(Cli cli) =>
        [SandboxCopyCommand.Create(cli), List(cli), Cat(cli), Remove(cli), MakeDirectory(cli), Snapshot(cli), Snapshots(cli), Fork(cli), Restore(cli)];

    private static Command List(Cli cli)
    {
        var place = Place("Directory");
        return cli.Command("ls", "Lists a directory in a sandbox.", [place], ["strata-ctl sandbox ls work:", "strata-ctl sandbox ls @data:reports"], async (session, parsed, cancellation) =>
        {
            var at = SandboxPlace.Read(parsed.GetRequiredValue(place));
            var table = new Table("KIND", ">SIZE", "NAME");
            string? cursor = null;
            for (var page = 0; page < FsListCommand.MaxPages; page++)
            {
                var wish = new SandboxListFilesParams(at.Path, at.Session, at.Workspace, cursor);
                var response = await SendAsync(session, "sandbox.list_files", at.Resource, wish, WireJson.Default.SandboxListFilesParams, cancellation).ConfigureAwait(false);
                var result = response.Get(WireJson.Default.ListResult);
                foreach (var entry in result.Entries)
                {
                    table.Add(entry.Kind, entry.IsDir ? "-" : entry.Size, new Cell(entry.IsDir ? $"{entry.Name}/" : entry.Name, entry.IsDir ? Tone.Heading : Tone.Plain));
                }

                if (result.Next is null)
                {
                    break;
                }

                cursor = result.Next;
            }

            if (!session.Out.Json)
            {
                session.Out.Table(table);
            }

            return ExitCode.Ok;
        });
    }

    private static Command Cat(Cli cli)
    {
        var place = Place("File");
        return cli.Command("cat", "Writes a file of a sandbox to standard output, byte for byte.", [place], ["strata-ctl sandbox cat work:notes.txt"], async (session, parsed, cancellation) =>
        {
            await SandboxFetching.RunAsync(session, SandboxPlace.Read(parsed.GetRequiredValue(place)), session.Out.Raw, cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        });
    }

    private static Command Remove(Cli cli)
    {
        var place = Place("File, link or directory");
        var recursive = new Option<bool>("--recursive", "-r") { Description = "Remove a directory with all in it" };
        return cli.Command("rm", "Removes a file or directory in a sandbox.", [place, recursive], ["strata-ctl sandbox rm -r work:build"], async (session, parsed, cancellation) =>
        {
            var at = SandboxPlace.Read(parsed.GetRequiredValue(place));
            var wish = new SandboxDeleteParams(at.Path, at.Session, at.Workspace, parsed.GetValue(recursive));
            RemoveTreeResult result;
            do
            {
                var response = await SendAsync(session, "sandbox.delete", at.Resource, wish, WireJson.Default.SandboxDeleteParams, cancellation).ConfigureAwait(false);
                result = response.Get(WireJson.Default.RemoveTreeResult);
            }
            while (!result.Done && result.Removed > 0);
            return ExitCode.Ok;
        });
    }

    private static Command MakeDirectory(Cli cli)
    {
        var place = Place("Directory");
        var parents = new Option<bool>("--parents", "-p") { Description = "Make what is missing above, and be content with what is there" };
        return cli.Command("mkdir", "Makes a directory in a sandbox.", [place, parents], ["strata-ctl sandbox mkdir -p work:a/b"], async (session, parsed, cancellation) =>
        {
            var at = SandboxPlace.Read(parsed.GetRequiredValue(place));
            var wish = new SandboxMkdirParams(at.Path, at.Session, at.Workspace, parsed.GetValue(parents));
            await SendAsync(session, "sandbox.mkdir", at.Resource, wish, WireJson.Default.SandboxMkdirParams, cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        });
    }

    private static Command Snapshot(Cli cli)
    {
        var (name, snapshot) = (Name("session", "Name of the session"), Name("snapshot", "Name of the snapshot [default: one is made up]"));
        snapshot.Arity = ArgumentArity.ZeroOrOne;
        var delete = new Option<bool>("--delete") { Description = "Remove the snapshot that SESSION names instead" };
        return cli.Command(
            "snapshot", "Keeps what a session has changed.", [name, snapshot, delete], ["strata-ctl sandbox snapshot work before", "strata-ctl sandbox snapshot --delete before"],
            async (session, parsed, cancellation) =>
            {
                var of = parsed.GetRequiredValue(name);
                if (parsed.GetValue(delete))
                {
                    await SendAsync(session, "sandbox.snapshot_delete", of, new SandboxSnapshotDeleteParams(of), WireJson.Default.SandboxSnapshotDeleteParams, cancellation).ConfigureAwait(false);
                    return ExitCode.Ok;
                }

                var wish = new SandboxSnapshotParams(of, parsed.GetValue(snapshot));
                var response = await SendAsync(session, "sandbox.snapshot", of, wish, WireJson.Default.SandboxSnapshotParams, cancellation).ConfigureAwait(false);
                if (!session.Out.Json)
                {
                    session.Out.Line(response.Get(WireJson.Default.SandboxSnapshot).Snapshot);
                }

                return ExitCode.Ok;
            });
    }

    private static Command Snapshots(Cli cli) => cli.Command(
        "snapshots", "Lists snapshots.", [], ["strata-ctl sandbox snapshots"], async (session, parsed, cancellation) =>
        {
            var response = await SendAsync(session, "sandbox.snapshots", null, new SandboxSnapshotsParams(), WireJson.Default.SandboxSnapshotsParams, cancellation).ConfigureAwait(false);
            if (!session.Out.Json)
            {
                var table = new Table("SNAPSHOT", "SESSION", "IMAGE", ">BYTES", ">FILES", "CREATED");
                foreach (var s in response.Get(WireJson.Default.SandboxSnapshots).Snapshots)
                {
                    table.Add(s.Snapshot, s.Session, s.Image, s.Bytes, s.Files, s.Created);
                }

                session.Out.Table(table);
            }

            return ExitCode.Ok;
        });

    private static Command Fork(Cli cli)
    {
        var (snapshot, name) = (Name("snapshot", "Name of the snapshot"), Name("session", "Name of the new session"));
        return cli.Command("fork", "Makes a new session of a snapshot.", [snapshot, name], ["strata-ctl sandbox fork before try-1"], async (session, parsed, cancellation) =>
        {
            var wish = new SandboxForkParams(parsed.GetRequiredValue(snapshot), parsed.GetRequiredValue(name));
            await SendAsync(session, "sandbox.fork", wish.Session, wish, WireJson.Default.SandboxForkParams, cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        });
    }

    private static Command Restore(Cli cli)
    {
        var (name, snapshot) = (Name("session", "Name of the session; everything that runs in it ends"), Name("snapshot", "Name of the snapshot"));
        return cli.Command("restore", "Brings a session back to a snapshot.", [name, snapshot], ["strata-ctl sandbox restore work before"], async (session, parsed, cancellation) =>
        {
            var wish = new SandboxRestoreParams(parsed.GetRequiredValue(name), parsed.GetRequiredValue(snapshot));
            await SendAsync(session, "sandbox.restore", wish.Session, wish, WireJson.Default.SandboxRestoreParams, cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        });
    }

    /// <summary>Makes a call, and shows its answer as it is when that is asked for.</summary>
    internal static async Task<RpcResponse> SendAsync<T>(Session session, string method, string? resource, T wish, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        var call = Call.Of(method, wish, type) with { WithToken = true, Resource = resource, ExtraTime = FsArguments.LongTime };
        var response = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
        if (session.Out.Json)
        {
            session.Out.Document(response.Result);
        }

        return response;
    }

    private static Argument<string> Place(string what) => new("place") { Description = $"{what} as SESSION:PATH, or @WORKSPACE:PATH without a session", HelpName = "PLACE" };

    private static Argument<string> Name(string name, string description) => new(name) { Description = description };
}
