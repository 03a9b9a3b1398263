using System.CommandLine;
using System.Globalization;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox network</c>: what a session may reach.</summary>
internal static class SandboxNetworkCommand
{
    public static Command Create(Cli cli)
    {
        var name = SandboxArguments.Session(cli);
        var allow = Allow("What it may reach from now on, and nothing else: HOST, *.HOST, an address or a range, each with @PORT,PORT behind it; again for more [default: as before]");
        var nothing = new Option<bool>("--nothing") { Description = "It may reach nothing from now on" };
        return cli.Command(
            "network", "Shows what a session may reach and what went there, and changes what it may.", [name, allow, nothing],
            ["strata-ctl sandbox network work", "strata-ctl sandbox network work --allow pypi.org --allow '*.example.org@443,8443'", "strata-ctl sandbox network work --nothing"],
            async (session, parsed, cancellation) =>
            {
                var wanted = ReadAllow(parsed.GetValue(allow));
                if (parsed.GetValue(nothing))
                {
                    wanted = wanted is null ? [] : throw new UsageException("--nothing and --allow say different things; give one of them");
                }

                var it = new SandboxNetworkParams(parsed.GetRequiredValue(name), wanted);
                var call = Call.Of("sandbox.network", it, WireJson.Default.SandboxNetworkParams) with { WithToken = true, Resource = it.Session };
                var response = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
                if (session.Out.Json)
                {
                    session.Out.Document(response.Result);
                }
                else
                {
                    Show(session.Out, response.Get(WireJson.Default.SandboxNetworkResult));
                }

                return ExitCode.Ok;
            });
    }

    /// <summary>Destinations.</summary>
    public static Option<string[]> Allow(string description) => SandboxArguments.Pairs("--allow", description, "TO[@PORTS]");

    /// <summary>Reads destinations; null for none.</summary>
    /// <exception cref="UsageException">A port is none.</exception>
    public static IReadOnlyList<SandboxDestination>? ReadAllow(string[]? texts) => texts is null or [] ? null : [.. texts.Select(ReadDestination)];

    private static SandboxDestination ReadDestination(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at < 0 ? new SandboxDestination(text) : new SandboxDestination(text[..at], [.. text[(at + 1)..].Split(',').Select(port => ReadPort(text, port))]);
    }

    private static int ReadPort(string text, string port) => int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= ushort.MaxValue
        ? number
        : throw new UsageException($"--allow takes TO or TO@PORT,PORT, not {text}: a port is from 1 to 65535");

    private static void Show(OutputWriter output, SandboxNetworkResult network) => output.Fields(
    [
        ("network", network.Network), ("may reach", network.Allow.Count == 0 ? "nothing" : string.Join(", ", network.Allow.Select(Text))),
        ("open", Open(network)), ("connections", network.Connections), ("denied", network.Denied),
        ("sent", SandboxText.Bytes(network.SentBytes)), ("received", SandboxText.Bytes(network.ReceivedBytes)), ("placeholders", network.Secrets is { } names ? string.Join(", ", names) : "-"),
        ("reads TLS to", network.TlsHosts is { } hosts ? string.Join(", ", hosts) : "-"),
    ]);

    private static string Open(SandboxNetworkResult network) => network.MaxOpen == 0 ? "-"
        : network.Network == "bridge" ? string.Create(CultureInfo.InvariantCulture, $"at most {network.MaxOpen}") // The kernel keeps them.
        : string.Create(CultureInfo.InvariantCulture, $"{network.Open} of {network.MaxOpen}");

    /// <summary>A destination as <c>--allow</c> takes it.</summary>
    public static string Text(SandboxDestination one) => one.Ports is { Count: > 0 } ports ? $"{one.To}@{string.Join(',', ports)}" : one.To;
}
