using System.CommandLine;
using System.Text.Json;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Errors;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.CommandLine;

/// <summary>The body of a command.</summary>
/// <returns>The exit code.</returns>
internal delegate Task<int> CommandBody(Session session, ParseResult parsed, CancellationToken cancellation);

/// <summary>Makes commands, so that all fail and report alike.</summary>
internal sealed class Cli(Surroundings around, GlobalOptions globals)
{
    private readonly Dictionary<Command, string[]> _examples = [];

    public Surroundings Around => around;

    public GlobalOptions Globals => globals;

    /// <summary>A command that does something.</summary>
    public Command Command(string name, string description, IEnumerable<Symbol> symbols, string[] examples, CommandBody body)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Option option)
            {
                command.Add(option);
            }
            else
            {
                command.Add((Argument)symbol);
            }
        }

        _examples[command] = examples;
        command.SetAction((parsed, cancellation) => RunAsync(body, parsed, cancellation));
        return command;
    }

    /// <summary>A command that only holds others.</summary>
    public Command Family(string name, string description, params Command[] members)
    {
        var family = new Command(name, description);
        foreach (var member in members)
        {
            family.Add(member);
        }

        _examples[family] = [.. members.SelectMany(m => _examples[m].Take(1))];
        return family;
    }

    /// <summary>Command lines that show a command at work.</summary>
    public IReadOnlyList<string> ExamplesOf(Command command) =>
        _examples.TryGetValue(command, out var examples) ? examples : [];

    public void RootExamples(RootCommand root, string[] examples) => _examples[root] = examples;

    private async Task<int> RunAsync(CommandBody body, ParseResult parsed, CancellationToken cancellation)
    {
        try
        {
            var session = new Session(parsed, globals, around);
            await using (session.ConfigureAwait(false))
            {
                return await body(session, parsed, cancellation).ConfigureAwait(false);
            }
        }
        catch (UsageException e)
        {
            await around.Stderr.WriteLineAsync($"error: {SafeText.Of(e.Message)}").ConfigureAwait(false);
            return ExitCode.Usage;
        }
        catch (CallFailedException e)
        {
            await around.Stderr.WriteAsync(Describe(e.Failure, parsed)).ConfigureAwait(false);
            return e.Failure.ExitCode;
        }
        catch (JsonException e)
        {
            await around.Stderr.WriteLineAsync($"error: the service's answer has another shape than expected: {SafeText.Of(e.Message)}").ConfigureAwait(false);
            return ExitCode.Refused;
        }
    }

    private string Describe(CallFailure failure, ParseResult parsed)
    {
        var coloured = around.StderrIsTerminal && !parsed.GetValue(globals.NoColor) && around.NonEmpty("NO_COLOR") is null;
        return parsed.GetValue(globals.Json) ? ErrorReport.Json(failure) : ErrorReport.Text(failure, coloured);
    }
}
