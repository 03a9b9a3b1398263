using System.CommandLine;
using System.Globalization;
using Strata.Contracts;

namespace Strata.StrataCtl.Commands;

/// <summary>The options by which <c>token issue</c> and <c>token attenuate</c> bound the sandboxes of a capability.</summary>
internal sealed class SandboxLimitOptions
{
    private readonly Option<string[]> _images = List("--images", "Images that its sandboxes may have, e.g. host,python:*", "IMAGES");
    private readonly Option<long?> _memory = LimitOptions.Size("--max-memory", "Most memory of one sandbox, e.g. 256M");
    private readonly Option<long?> _cpus = new("--max-cpus")
    {
        Description = "Most processors of one sandbox, e.g. 0.5",
        HelpName = "CPUS",
        CustomParser = result =>
        {
            if (ParseMillis(result.Tokens[0].Value) is { } millis)
            {
                return millis;
            }

            result.AddError($"'{result.Tokens[0].Value}' is no number of processors; write one such as 2 or 0.5");
            return null;
        },
    };

    private readonly Option<long?> _pids = new("--max-pids") { Description = "Most processes of one sandbox", HelpName = "N" };
    private readonly Option<long?> _disk = LimitOptions.Size("--max-disk", "Most bytes that one sandbox may change, e.g. 1G");
    private readonly Option<long?> _sessions = new("--max-sessions") { Description = "Most sandboxes at once, with those of capabilities derived from it", HelpName = "N" };
    private readonly Option<string[]> _networks = List("--networks", "Kinds of network that its sandboxes may have: none, proxy, bridge, host", "KINDS");
    private readonly Option<string[]> _domains = List("--domains", "Hosts that its sandboxes may reach, e.g. pypi.org,*.example.org", "HOSTS");
    private readonly Option<string[]> _commands = List("--commands", "Programs that it may start in sandboxes, e.g. /usr/bin/git", "PATHS");

    public Option[] All => [_images, _memory, _cpus, _pids, _disk, _sessions, _networks, _domains, _commands];

    /// <summary>What was given; null when nothing was.</summary>
    public SandboxLimitations? Read(ParseResult parsed)
    {
        var read = new SandboxLimitations(
            Words(parsed, _images), parsed.GetValue(_memory), parsed.GetValue(_cpus), parsed.GetValue(_pids), parsed.GetValue(_disk), parsed.GetValue(_sessions),
            Words(parsed, _networks), Words(parsed, _domains), Words(parsed, _commands));
        return read == new SandboxLimitations() ? null : read;
    }

    /// <summary>Reads a number of processors as thousandths; null when it is none.</summary>
    public static long? ParseMillis(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cpus) && cpus is > 0 and <= 1_000_000 && cpus * 1000 == decimal.Truncate(cpus * 1000)
            ? (long)(cpus * 1000)
            : null;

    private static string[]? Words(ParseResult parsed, Option<string[]> option) => LimitOptions.Split(parsed.GetValue(option));

    private static Option<string[]> List(string name, string description, string helpName) =>
        new(name) { Description = description + "; separated by commas or given again", HelpName = helpName, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };
}
