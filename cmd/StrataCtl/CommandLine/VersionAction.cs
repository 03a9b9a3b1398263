using System.CommandLine;
using System.CommandLine.Invocation;
using Strata.Contracts;

namespace Strata.StrataCtl.CommandLine;

/// <summary>Prints the version.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine($"strata-ctl {StrataVersion.Current}");
        return ExitCode.Ok;
    }
}
