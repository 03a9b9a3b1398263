using System.CommandLine;
using System.Globalization;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary>Arguments and calls that the commands for sandboxes share.</summary>
internal static class SandboxArguments
{
    /// <summary>A session, completed with those that the caller has.</summary>
    public static Argument<string> Session(Cli cli)
    {
        var session = new Argument<string>("NAME") { Description = "Name of the session", HelpName = "NAME" };
        session.CompletionSources.Add(SandboxNames.Sessions(cli));
        return session;
    }

    /// <summary>A call about one session.</summary>
    public static Call CallOf(string method, string session) =>
        Call.Of("sandbox." + method, new SandboxSessionParams(session), WireJson.Default.SandboxSessionParams) with { WithToken = true, Resource = session };

    /// <summary>Options of pairs, NAME=VALUE.</summary>
    public static Option<string[]> Pairs(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };

    /// <summary>Reads pairs; null for none.</summary>
    /// <exception cref="UsageException">One has no sign of equality.</exception>
    public static IReadOnlyDictionary<string, string>? ReadPairs(string option, string[]? pairs)
    {
        if (pairs is null or [])
        {
            return null;
        }

        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            read[at > 0 ? pair[..at] : throw new UsageException($"{option} takes NAME=VALUE, not {pair}")] = pair[(at + 1)..];
        }

        return read;
    }

    /// <summary>Processors, such as 0.5.</summary>
    public static Option<double?> Cpus(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "CPUS",
        CustomParser = result =>
        {
            if (double.TryParse(result.Tokens[0].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cpus))
            {
                return cpus;
            }

            result.AddError($"'{result.Tokens[0].Value}' is no number of processors; write one such as 2 or 0.5");
            return null;
        },
    };
}
