using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Strata.StrataCtl.Commands;
using Strata.StrataCtl.Compat;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.CommandLine;

/// <summary>The commands for people, and how a command line is run through them.</summary>
internal static class CommandTree
{
    private static readonly ParserConfiguration Configuration = new() { ResponseFileTokenReplacer = null };

    private static readonly string[] RootExamples =
    [
        "strata-ctl status",
        "strata-ctl token issue --service fs --rights fs.open,fs.read --prefix /srv/data --ttl 10m",
        "strata-ctl registry.resolve '{\"service\":\"fs\"}'    (METHOD [JSON]: one call, the whole answer as JSON)",
    ];

    public static RootCommand Build(Surroundings around) => Build(new Cli(around, new GlobalOptions()));

    public static ParseResult Parse(RootCommand root, IEnumerable<string> args) =>
        root.Parse([.. args.Select(a => a == CompatArguments.TokenFlag ? "--token" : a)], Configuration);

    public static async Task<int> InvokeAsync(string[] args, Surroundings around, CancellationToken cancellation)
    {
        var parsed = Parse(Build(around), args);
        if (parsed.Action is ParseErrorAction)
        {
            await around.Stderr.WriteAsync(UsageError(parsed)).ConfigureAwait(false);
            return ExitCode.Usage;
        }

        var output = new StreamWriter(around.Stdout, leaveOpen: true) { AutoFlush = true };
        await using (output.ConfigureAwait(false))
        {
            var configuration = new InvocationConfiguration
            {
                Output = output,
                Error = around.Stderr,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration, cancellation).ConfigureAwait(false);
        }
    }

    private static RootCommand Build(Cli cli)
    {
        var root = new RootCommand("Talks to a Strata node: what runs, who may do what, and files by capability.");
        cli.Globals.AddTo(root);
        Command[] commands =
        [
            StatusCommand.Create(cli), ServiceCommands.Create(cli), GraphCommand.Create(cli), RouteCommand.Create(cli), TopCommand.Create(cli), MetricsCommand.Create(cli), LogsCommand.Create(cli),
            EventsCommand.Create(cli), AuditCommands.Create(cli), TokenCommands.Create(cli), PolicyExplainCommand.Create(cli), PolicyCommands.Create(cli), KeyCommands.Create(cli),
            FsCommands.Create(cli), SandboxCommands.Create(cli), SandboxRunCommand.Create(cli, "strata-ctl"), SandboxImageCommands.Create(cli, "strata-ctl"), WorkspaceCommands.Create(cli), RegistryCommands.Create(cli), CallCommand.Create(cli), DescribeCommand.Create(cli),
            NewCommand.Create(cli), SupervisorCommands.Create(cli), ConfigCommands.Create(cli), DoctorCommand.Create(cli), CompletionCommand.Create(cli),
            ManCommand.Create(cli),
        ];
        foreach (var command in commands)
        {
            root.Add(command);
        }

        foreach (var option in root.Options)
        {
            option.Action = option switch
            {
                HelpOption { Action: HelpAction usual } => new HelpWithExamples(usual, cli),
                VersionOption => new VersionAction(),
                _ => option.Action,
            };
        }

        cli.RootExamples(root, RootExamples);
        return root;
    }

    private static string UsageError(ParseResult parsed)
    {
        var names = new List<string>();
        for (var at = parsed.CommandResult; at is not null; at = at.Parent as System.CommandLine.Parsing.CommandResult)
        {
            names.Insert(0, at.Command is RootCommand ? "strata-ctl" : at.Command.Name);
        }

        var path = string.Join(' ', names);
        var method = parsed.CommandResult.Command is RootCommand ? parsed.UnmatchedTokens.FirstOrDefault(t => t.Contains('.')) : null;
        var errors = parsed.Errors.Select(e => $"error: {SafeText.Of(e.Message)}").Distinct();
        var hint = method is null ? $"see: {path} --help" : $"to call a method with options, write: strata-ctl call {SafeText.Of(method)}";
        return string.Join('\n', [.. errors, hint]) + "\n";
    }
}
