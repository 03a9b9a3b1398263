using System.CommandLine;
using System.CommandLine.Invocation;

namespace Strata.StrataCtl.CommandLine;

/// <summary>Prints the version.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public static string Version => typeof(VersionAction).Assembly.GetName().Version is { } version ? version.ToString(3) : "unknown";

    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine($"strata-ctl {Version}");
        return ExitCode.Ok;
    }
}
