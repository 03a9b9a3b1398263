using System.CommandLine;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Completion;

namespace Strata.StrataCtl.Commands;

/// <summary>Arguments and options that the <c>fs</c> commands share.</summary>
internal static class FsArguments
{
    /// <summary>How long a service may take for what grows with the size of files.</summary>
    public static readonly TimeSpan LongTime = TimeSpan.FromMinutes(50);

    public static Argument<string> Path(Cli cli, string name = "PATH", string description = "Path beneath the capability's prefix")
    {
        var path = new Argument<string>(name) { Description = description, HelpName = name };
        path.CompletionSources.Add(context => RemotePaths.Of(context, cli));
        return path;
    }

    public static Argument<string> Directory(Cli cli)
    {
        var path = Path(cli, description: "Directory beneath the capability's prefix [default: the prefix itself]");
        path.Arity = ArgumentArity.ZeroOrOne;
        return path;
    }

    public static Argument<string[]> Paths(Cli cli, string description)
    {
        var paths = new Argument<string[]>("PATH") { Description = description, Arity = ArgumentArity.OneOrMore, HelpName = "PATH" };
        paths.CompletionSources.Add(context => RemotePaths.Of(context, cli));
        return paths;
    }

    public static Option<bool> Force() => new("--force", "-f") { Description = "Replace what is there" };
}
