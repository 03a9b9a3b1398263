using System.CommandLine;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox stats</c>: what a session uses.</summary>
internal static class SandboxStatsCommand
{
    public static Command Create(Cli cli)
    {
        var name = SandboxArguments.Session(cli);
        return cli.Command(
            "stats", "Shows what a session uses now.", [name], ["strata-ctl sandbox stats work", "strata-ctl sandbox stats work --json | jq .memory_bytes"],
            async (session, parsed, cancellation) =>
            {
                var response = await session.Node.SendAsync(SandboxArguments.CallOf("stats", parsed.GetRequiredValue(name)), cancellation).ConfigureAwait(false);
                if (session.Out.Json)
                {
                    session.Out.Document(response.Result);
                    return ExitCode.Ok;
                }

                var stats = response.Get(WireJson.Default.SandboxStats);
                session.Out.Fields(
                [
                    ("session", stats.Session), ("state", new Cell(stats.State, ServiceTable.ToneOf(stats.State))), ("memory", SandboxText.Bytes(stats.MemoryBytes)),
                    ("cpu", stats.CpuUs is { } cpu ? Durations.Show(TimeSpan.FromMicroseconds(cpu)) : "-"), ("processes", stats.Processes), ("disk", SandboxText.Bytes(stats.DiskBytes)),
                    ("execs", stats.Execs), ("in use by", stats.Uses), ("idle for", Durations.ShowMs(stats.IdleMs)), ("age", Durations.ShowMs(stats.AgeMs)), ("enforced by", stats.EnforcedBy ?? "-"),
                    ("connections", stats.Connections is { } open ? open : "-"), ("denied", stats.NetworkDenied is { } denied ? denied : "-"),
                ]);
                return ExitCode.Ok;
            });
    }
}
