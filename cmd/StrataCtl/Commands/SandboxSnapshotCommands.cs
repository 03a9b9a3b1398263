using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary>What keeps a session's files and makes others of them: <c>sandbox snapshot</c>, <c>snapshots</c>, <c>fork</c> and <c>restore</c>.</summary>
internal static class SandboxSnapshotCommands
{
    public static Command[] All(Cli cli) => [Take(cli), List(cli), Fork(cli), Restore(cli)];

    private static Command Take(Cli cli)
    {
        var name = Name("NAME", "Name of the session; with --delete, of the snapshot", context => SandboxNames.Sessions(cli)(context).Concat(SandboxNames.Snapshots(cli)(context)));
        var snapshot = new Argument<string?>("SNAPSHOT") { Description = "Name of the snapshot [default: one is made up]", HelpName = "SNAPSHOT", Arity = ArgumentArity.ZeroOrOne };
        var delete = new Option<bool>("--delete") { Description = "Remove the snapshot that NAME names instead" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print the snapshot's name alone" };
        return cli.Command(
            "snapshot", "Keeps the files that a session has changed; not its workspace, and not what runs.", [name, snapshot, delete, quiet],
            ["strata-ctl sandbox snapshot work before", "kept=$(strata-ctl sandbox snapshot -q work)", "strata-ctl sandbox snapshot --delete before"],
            (session, parsed, cancellation) =>
            {
                var (of, called) = (parsed.GetRequiredValue(name), parsed.GetValue(snapshot));
                return !parsed.GetValue(delete) ? TakeAsync(session, new SandboxSnapshotParams(of, called), parsed.GetValue(quiet), cancellation)
                    : called is null ? DeleteAsync(session, of, cancellation)
                    : throw new UsageException($"--delete takes the snapshot's name alone: strata-ctl sandbox snapshot --delete {called}");
            });
    }

    private static async Task<int> TakeAsync(Session session, SandboxSnapshotParams wish, bool quiet, CancellationToken cancellation)
    {
        var response = await SandboxFileCommands.SendAsync(session, "sandbox.snapshot", wish.Session, wish, WireJson.Default.SandboxSnapshotParams, cancellation).ConfigureAwait(false);
        var taken = response.Get(WireJson.Default.SandboxSnapshot);
        Say(session, quiet ? taken.Snapshot : string.Create(
            CultureInfo.InvariantCulture, $"{taken.Snapshot} has what {taken.Session} changed: {taken.Files} files, {ByteSizes.Show(taken.Bytes)}"));
        return ExitCode.Ok;
    }

    private static async Task<int> DeleteAsync(Session session, string name, CancellationToken cancellation)
    {
        await SandboxFileCommands.SendAsync(session, "sandbox.snapshot_delete", name, new SandboxSnapshotDeleteParams(name), WireJson.Default.SandboxSnapshotDeleteParams, cancellation).ConfigureAwait(false);
        Say(session, $"{name} is deleted");
        return ExitCode.Ok;
    }

    private static Command List(Cli cli) => cli.Command(
        "snapshots", "Lists snapshots.", [], ["strata-ctl sandbox snapshots"], async (session, parsed, cancellation) =>
        {
            var response = await SandboxFileCommands.SendAsync(session, "sandbox.snapshots", null, new SandboxSnapshotsParams(), WireJson.Default.SandboxSnapshotsParams, cancellation).ConfigureAwait(false);
            if (!session.Out.Json)
            {
                var table = new Table("SNAPSHOT", "SESSION", "IMAGE", ">SIZE", ">FILES", "CREATED");
                foreach (var s in response.Get(WireJson.Default.SandboxSnapshots).Snapshots)
                {
                    table.Add(s.Snapshot, s.Session, s.Image, ByteSizes.Show(s.Bytes), s.Files, s.Created);
                }

                session.Out.Table(table);
            }

            return ExitCode.Ok;
        });

    private static Command Fork(Cli cli)
    {
        var (snapshot, name) = (Name("SNAPSHOT", "Name of the snapshot", SandboxNames.Snapshots(cli)), new Argument<string>("NAME") { Description = "Name of the new session", HelpName = "NAME" });
        return cli.Command("fork", "Makes a new session of a snapshot.", [snapshot, name], ["strata-ctl sandbox fork before try-1"], async (session, parsed, cancellation) =>
        {
            var wish = new SandboxForkParams(parsed.GetRequiredValue(snapshot), parsed.GetRequiredValue(name));
            await SandboxFileCommands.SendAsync(session, "sandbox.fork", wish.Session, wish, WireJson.Default.SandboxForkParams, cancellation).ConfigureAwait(false);
            Say(session, $"{wish.Session} is running, with the files of {wish.Snapshot}; it has no secrets and no workspace");
            return ExitCode.Ok;
        });
    }

    private static Command Restore(Cli cli)
    {
        var (name, snapshot) = (Name("NAME", "Name of the session; everything that runs in it ends", SandboxNames.Sessions(cli)), Name("SNAPSHOT", "Name of the snapshot", SandboxNames.Snapshots(cli)));
        return cli.Command("restore", "Brings a session back to a snapshot.", [name, snapshot], ["strata-ctl sandbox restore work before"], async (session, parsed, cancellation) =>
        {
            var wish = new SandboxRestoreParams(parsed.GetRequiredValue(name), parsed.GetRequiredValue(snapshot));
            await SandboxFileCommands.SendAsync(session, "sandbox.restore", wish.Session, wish, WireJson.Default.SandboxRestoreParams, cancellation).ConfigureAwait(false);
            Say(session, $"{wish.Session} has the files of {wish.Snapshot} again; what ran in it has ended");
            return ExitCode.Ok;
        });
    }

    /// <summary>With <c>--json</c> the answer has been shown as it is.</summary>
    private static void Say(Session session, string line)
    {
        if (!session.Out.Json)
        {
            session.Out.Line(line);
        }
    }

    private static Argument<string> Name(string name, string description, Func<CompletionContext, IEnumerable<CompletionItem>> known)
    {
        var argument = new Argument<string>(name) { Description = description, HelpName = name };
        argument.CompletionSources.Add(known);
        return argument;
    }
}
