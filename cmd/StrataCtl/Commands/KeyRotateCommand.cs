using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary><c>key rotate</c>: new keys sign, and no token that is good becomes bad by it.</summary>
internal sealed class KeyRotateCommand
{
    /// <summary>Identity waits for its verifiers as long as they may go without word of it, which is 15 s unless configured.</summary>
    private static readonly TimeSpan VerifierWait = TimeSpan.FromSeconds(60);

    private readonly Option<string?> _version = new("--only") { Description = "The only token version whose key is replaced, v2 or v4 [default: both]", HelpName = "VERSION" };

    public static Command Create(Cli cli)
    {
        var it = new KeyRotateCommand();
        it._version.CompletionSources.Add("v2", "v4");
        return cli.Command(
            "rotate", "Puts new keys in the place of those that sign; the old ones verify until their last token has expired.", [it._version],
            ["strata-ctl key rotate", "strata-ctl key rotate --only v4"],
            it.RunAsync);
    }

    private async Task<int> RunAsync(Session session, ParseResult parsed, CancellationToken cancellation)
    {
        var call = Call.Of("identity.rotate", new RotateParams(parsed.GetValue(_version)), WireJson.Default.RotateParams)
            with { WithToken = true, AuthorityMayAct = true, ExtraTime = VerifierWait };
        var response = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
        var rotated = response.Get(WireJson.Default.RotateResult);
        if (session.Out.Json)
        {
            session.Out.Document(response.Result);
        }
        else
        {
            var now = session.Around.Time.GetUtcNow();
            foreach (var key in rotated.Keys)
            {
                session.Out.Line($"{key.Kid} signs {key.Version}; {key.Previous} verifies on and retires {KeyCommands.RetiresIn(key.Retires, now)}");
            }
        }

        if (rotated.Pending is { Count: > 0 } pending)
        {
            session.Notice($"these have not confirmed the new keys, and refuse what they sign until they have: {string.Join(", ", pending)}");
        }

        return ExitCode.Ok;
    }
}
