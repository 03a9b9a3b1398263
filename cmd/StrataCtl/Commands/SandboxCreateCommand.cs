using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox create</c>: the session of a name, or a new one.</summary>
internal sealed class SandboxCreateCommand
{
    private static readonly TimeSpan MakingTime = TimeSpan.FromMinutes(2);

    private readonly Argument<string?> _session = new("NAME") { Description = "Name of the session [default: a new one with a name of its own]", HelpName = "NAME", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _image = new("--image") { Description = "Image it starts from [default: host, this machine's /usr]", HelpName = "NAME" };
    private readonly SandboxWishOptions _wish;
    private readonly Option<TimeSpan?> _ttl = GlobalOptions.Duration("--ttl", "How long it stays without use");
    private readonly Option<string[]> _labels = SandboxArguments.Pairs("--label", "Word of your own to find it by; again for more", "NAME=VALUE");
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Print the name alone" };

    private SandboxCreateCommand(Cli cli)
    {
        _wish = new SandboxWishOptions(cli);
        _image.CompletionSources.Add(Completion.SandboxNames.Images(cli));
    }

    public static Command Create(Cli cli)
    {
        var it = new SandboxCreateCommand(cli);
        return cli.Command(
            "create", "Gives the session of a name, made now when there is none.",
            [it._session, it._image, .. it._wish.All, it._ttl, it._labels, it._quiet],
            [
                "strata-ctl sandbox create work --memory 256M --cpus 0.5 --ttl 30m",
                "strata-ctl sandbox create agent --workspace project --env LANG=C.UTF-8 --secret API_KEY",
                "strata-ctl sandbox create agent --network proxy --allow pypi.org --allow '*.pythonhosted.org' --placeholder API_KEY=api.example.org",
                "name=$(strata-ctl sandbox create -q)",
            ],
            it.RunAsync);
    }

    private async Task<int> RunAsync(Session session, ParseResult parsed, CancellationToken cancellation)
    {
        var wanted = ToParams(session, parsed);
        var call = Call.Of("sandbox.create", wanted, WireJson.Default.SandboxCreateParams) with { WithToken = true, Resource = wanted.Session, ExtraTime = MakingTime };
        var response = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
        var given = response.Get(WireJson.Default.SandboxCreateResult);
        if (given.Differs is { Count: > 0 } differs)
        {
            session.Notice($"the session {given.Session.Session} was there, and is not as you asked in {string.Join(", ", differs)}; close it to make it anew");
        }

        if (parsed.GetValue(_quiet))
        {
            session.Out.Line(given.Session.Session);
            return ExitCode.Ok;
        }

        if (SandboxText.Unheld(given.Session) is { } unheld)
        {
            session.Notice(unheld);
        }

        if (session.Out.Json)
        {
            session.Out.Document(response.Result);
        }
        else
        {
            Show(session.Out, given);
        }

        return ExitCode.Ok;
    }

    private static void Show(OutputWriter output, SandboxCreateResult given) =>
        output.Fields([("session", given.Session.Session), ("created", given.Created ? "yes" : "no, it was there"), .. SandboxShowCommand.Lines(given.Session)]);

    private SandboxCreateParams ToParams(Session session, ParseResult parsed) => _wish.Read(session, parsed) with
    {
        Session = parsed.GetValue(_session),
        Image = parsed.GetValue(_image),
        TtlSeconds = parsed.GetValue(_ttl) is { } ttl ? (int)Math.Max(1, ttl.TotalSeconds) : null,
        Labels = SandboxArguments.ReadPairs("--label", parsed.GetValue(_labels)),
    };
}
