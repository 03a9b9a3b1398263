using System.CommandLine;
using System.CommandLine.Parsing;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.CommandLine;

/// <summary>The options that every command takes.</summary>
internal sealed class GlobalOptions
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    public Option<string?> Token { get; } = new("--token")
    {
        Description = $"Capability token (other users see it in the process list; prefer {TokenSource.Variable} or a file)",
        HelpName = "TOKEN",
        Recursive = true,
    };

    public Option<string?> TokenFile { get; } = new("--token-file")
    {
        Description = "File that holds the token; - reads it from standard input",
        HelpName = "FILE",
        Recursive = true,
    };

    public Option<string?> HolderKey { get; } = new("--holder-key")
    {
        Description = $"File of the key that the token is bound to, by which calls are signed [default: {HolderKeySource.Variable}]",
        HelpName = "FILE",
        Recursive = true,
    };

    public Option<string?> RuntimeDir { get; } = new("--runtime-dir")
    {
        Description = $"Directory of the node's sockets [default: {SocketResolver.RuntimeDirectoryVariable} or {SocketResolver.DefaultRuntimeDirectory}]",
        HelpName = "DIR",
        Recursive = true,
    };

    public Option<TimeSpan?> Timeout { get; } = Duration("--timeout", "How long one call may take, e.g. 500ms, 10s, 2m [default: 10s]", recursive: true);

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Print JSON: one document, or one a line where a command streams",
        Recursive = true,
    };

    public Option<bool> NoColor { get; } = new("--no-color")
    {
        Description = "No colours (also by NO_COLOR, and when output is not a terminal)",
        Recursive = true,
    };

    public void AddTo(RootCommand root)
    {
        Option[] all = [Token, TokenFile, HolderKey, RuntimeDir, Timeout, Json, NoColor];
        foreach (var option in all)
        {
            root.Add(option);
        }
    }

    /// <summary>An option whose value is a span of time; its description names the default.</summary>
    public static Option<TimeSpan?> Duration(string name, string description, bool recursive = false) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        Recursive = recursive,
        CustomParser = result => Parse(result, name),
    };

    private static TimeSpan? Parse(ArgumentResult result, string name)
    {
        if (result.Tokens is [var token] && Durations.Parse(token.Value) is { } span)
        {
            return span;
        }

        result.AddError($"{name} takes a time such as 500ms, 10s, 5m, 2h or 1d, at most 365d");
        return null;
    }
}
