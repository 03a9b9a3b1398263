using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Commands;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Doctor;

/// <summary>What the sandbox service says of this machine, on a node that has one.</summary>
internal static class SandboxChecks
{
    /// <summary>Asks it; nothing when the node has none.</summary>
    public static async Task<IReadOnlyList<Finding>> AllAsync(Session session, CancellationToken cancellation)
    {
        if (!File.Exists(Path.Combine(session.Node.Sockets.Directory, "sandbox.sock")))
        {
            return [];
        }

        try
        {
            var report = await session.Node.CallAsync(SandboxDoctorCommand.Question, WireJson.Default.SandboxDoctorResult, cancellation).ConfigureAwait(false);
            var engine = report.Usable ? Finding.Ok("sandbox engine", $"{report.Engine}: sandboxes can be made")
                : Finding.Fail("sandbox engine", $"{report.Engine}: no sandbox can be made", "see the lines below");
            return [engine, .. report.Findings.Select(f => Of($"sandbox {f.Name}", f.Good, f.What, f.Remedy))];
        }
        catch (CallFailedException e)
        {
            return [Finding.Warn("sandbox engine", $"cannot be asked: {e.Failure.Error.Message}", "give a token of this node, or run as root or as the node's user; strata-ctl svc explain sandbox tells whether it runs")];
        }
    }

    private static Finding Of(string check, bool good, string what, string? remedy) =>
        good ? Finding.Ok(check, what) : Finding.Warn(check, what, remedy ?? "nothing can be done about it on this machine");
}
