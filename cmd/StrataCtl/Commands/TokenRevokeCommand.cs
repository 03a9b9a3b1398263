using System.CommandLine;
using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary><c>token revoke</c>: ends capabilities and all that was derived from them, at once and for good.</summary>
internal sealed class TokenRevokeCommand
{
    private readonly Argument<string?> _capability = new("CAP_ID") { Description = "Id of the capability, or a whole token", HelpName = "CAP_ID|TOKEN", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _subject = new("--subject") { Description = "Everything issued to this holder so far", HelpName = "NAME" };
    private readonly Option<string?> _template = new("--template") { Description = "Everything issued by this template so far", HelpName = "NAME" };
    private readonly Option<string?> _key = new("--key") { Description = "Everything signed by this key", HelpName = "KID" };
    private readonly Option<string?> _before = new("--before") { Description = "Everything whose chain began at this time or earlier, RFC 3339", HelpName = "TIME" };

    public static Command Create(Cli cli)
    {
        var it = new TokenRevokeCommand();
        return cli.Command(
            "revoke", "Revokes capabilities and all that was derived from them, at once and for good.", [it._capability, it._subject, it._template, it._key, it._before],
            [
                "strata-ctl token revoke 5f0c6a7e9d2b41c8a3e4d5f60718293a", "strata-ctl token revoke \"$STRATA_TOKEN\"",
                "strata-ctl token revoke --subject agent-7", "strata-ctl token revoke --before 2026-01-31T12:00:00Z",
            ],
            it.RunAsync);
    }

    private async Task<int> RunAsync(Session session, ParseResult parsed, CancellationToken cancellation)
    {
        var named = parsed.GetValue(_capability);
        var wanted = new RevokeParams(
            named is null ? null : TokenClaims.CapabilityOf(named) ?? named, parsed.GetValue(_subject), parsed.GetValue(_template), parsed.GetValue(_key), parsed.GetValue(_before));
        string?[] given = [wanted.CapId, wanted.Subject, wanted.Template, wanted.Key, wanted.Before];
        if (given.Count(value => value is not null) != 1)
        {
            throw new UsageException("name one thing to revoke: a CAP_ID or token, --subject, --template, --key or --before");
        }

        var what = given.First(value => value is not null)!;
        var call = Call.Of("identity.revoke", wanted, WireJson.Default.RevokeParams) with { WithToken = true, AuthorityMayAct = true, Resource = what };
        var response = await SendAsync(session, call, cancellation).ConfigureAwait(false);
        var pending = response.Get(WireJson.Default.RevokeResult).Pending ?? [];
        if (session.Out.Json)
        {
            session.Out.Document(response.Result);
        }
        else
        {
            session.Out.Line($"revoked {(wanted.CapId is null ? "all of " : "")}{what}");
        }

        if (pending.Count > 0)
        {
            session.Notice($"it is on disk, but these have not confirmed yet and may still accept it for a moment: {string.Join(", ", pending)}");
        }

        return ExitCode.Ok;
    }

    /// <summary>A token of the environment without the right is kept back for an authority's sake; whoever is none may still revoke by it what came of it.</summary>
    private static async Task<RpcResponse> SendAsync(Session session, Call call, CancellationToken cancellation)
    {
        try
        {
            return await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
        }
        catch (CallFailedException e) when (e.Failure is { HadToken: false, Error.Reason: "missing_token" } && session.Token is not null)
        {
            return await session.Node.SendAsync(call with { AuthorityMayAct = false }, cancellation).ConfigureAwait(false);
        }
    }
}
