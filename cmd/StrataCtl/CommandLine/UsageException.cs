namespace Strata.StrataCtl.CommandLine;

/// <summary>The command line, or a file it names, is wrong; the message says what to change.</summary>
internal sealed class UsageException(string message) : Exception(message);
