using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary><c>token attenuate</c>: a narrower capability from one's own.</summary>
internal sealed class TokenAttenuateCommand
{
    private readonly Option<string[]> _rights = new("--rights") { Description = "Rights to keep; separated by commas or given again [default: all]", HelpName = "RIGHTS", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };
    private readonly Option<string?> _prefix = new("--prefix") { Description = "Directory beneath the capability's own", HelpName = "DIR" };
    private readonly Option<TimeSpan?> _ttl = GlobalOptions.Duration("--ttl", "How long it is valid [default: as long as the capability]");
    private readonly Option<string?> _rate = new("--rate") { Description = "Most calls a second, at most the capability's own", HelpName = "RATE" };
    private readonly Option<string?> _subject = new("--subject") { Description = "Who will hold it [default: the same]", HelpName = "NAME" };
    private readonly Option<bool> _quiet = IssuedToken.Quiet();
    private readonly LimitOptions _limits = new();

    public static Command Create(Cli cli)
    {
        var it = new TokenAttenuateCommand();
        return cli.Command(
            "attenuate", "Derives a narrower capability from your own token, which is all it takes.",
            [it._rights, it._prefix, it._ttl, it._rate, it._subject, .. it._limits.All, it._quiet],
            [
                "strata-ctl token attenuate --rights fs.read --prefix /srv/data/reports --ttl 10m --subject helper",
                "STRATA_TOKEN=$(strata-ctl token attenuate -q --read-only --uid 1000) ./agent",
            ],
            it.RunAsync);
    }

    private async Task<int> RunAsync(Session session, ParseResult parsed, CancellationToken cancellation)
    {
        var wanted = new AttenuateParams(
            LimitOptions.Split(parsed.GetValue(_rights)), null, LimitOptions.Absolute(parsed.GetValue(_prefix)),
            parsed.GetValue(_ttl) is { } ttl ? (int)Math.Max(1, ttl.TotalSeconds) : null, parsed.GetValue(_rate), parsed.GetValue(_subject),
            _limits.MethodsDenied(parsed), _limits.MaxBytes(parsed), _limits.QuotaBytes(parsed), _limits.ReadOnly(parsed), _limits.NotBefore(parsed), _limits.Uid(parsed),
            _limits.Once(parsed), _limits.HolderKey(parsed), _limits.Sandbox(parsed));
        var call = Call.Of("identity.attenuate", wanted, WireJson.Default.AttenuateParams) with { WithToken = true };
        return IssuedToken.Show(session, await session.Node.SendAsync(call, cancellation).ConfigureAwait(false), parsed.GetValue(_quiet));
    }
}
