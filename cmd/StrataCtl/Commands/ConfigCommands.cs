using System.CommandLine;
using System.Text.Json;
using Strata.Linux;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Output;
using Strata.Supervision;

namespace Strata.StrataCtl.Commands;

/// <summary><c>config</c>: the manifests of a node. Check and schema need none that runs.</summary>
internal static class ConfigCommands
{
    public const string DirectoryVariable = "STRATA_CONFIG_DIR";

    private const string DefaultDirectory = "/etc/strata";
    private const string Services = "services.d";

    public static Command Create(Cli cli) => cli.Family(
        "config", "Checks the manifests of services, compares and applies them, and prints their schema.",
        Check(cli), ConfigApplyCommands.Diff(cli), ConfigApplyCommands.Apply(cli), Schema(cli));

    private static Command Check(Cli cli)
    {
        var directory = new Argument<string?>("DIR")
        {
            Description = $"Directory of manifests, or one that holds {Services} [default: {DirectoryVariable} or {DefaultDirectory}, whose owner and mode are checked as well]",
            HelpName = "DIR",
            Arity = ArgumentArity.ZeroOrOne,
        };
        return cli.Command(
            "check", "Checks manifests together with the built-in services; exit 1 when there is a fault.", [directory],
            ["strata-ctl config check", "strata-ctl config check ./services.d", "strata-ctl config check --json | jq -r '.faults[].file'"],
            (session, parsed, _) => Task.FromResult(Run(session, parsed.GetValue(directory))));
    }

    private static Command Schema(Cli cli) => cli.Command(
        "schema", "Prints the JSON Schema of manifests, for editors and generators.", [], ["strata-ctl config schema > service.schema.json"],
        (session, _, _) =>
        {
            session.Out.Raw(ManifestSchema.Text());
            return Task.FromResult(ExitCode.Ok);
        });

    private static int Run(Session session, string? given)
    {
        var path = PathOf(given, session.Around);
        var directory = TrustedDirectory.Read(path, ManifestFile.Suffix, ManifestLimits.MaxServices, ManifestLimits.MaxFileBytes, judge: given is null);
        if (given is not null && !directory.Exists && directory.Faults.Count == 0)
        {
            throw new UsageException($"{path} is no directory");
        }

        var configuration = NodeConfiguration.Read(
            [.. directory.Files.Select(f => new ManifestFile(f.Path, f.Content) { Unreadable = f.Fault })],
            [.. directory.Faults.Select(fault => new LocatedFault(path, 0, 0, "", fault))]);
        if (session.Out.Json)
        {
            session.Out.Document(json => Write(json, path, directory.Files.Count, configuration));
        }
        else
        {
            Tell(session.Out, path, directory, configuration);
        }

        return configuration.Plan is null ? ExitCode.Refused : ExitCode.Ok;
    }

    private static string PathOf(string? given, Surroundings around)
    {
        var configured = Path.Join(around.NonEmpty(DirectoryVariable) ?? DefaultDirectory, Services);
        return given is null ? configured : Directory.Exists(Path.Join(given, Services)) ? Path.Join(given, Services) : given;
    }

    private static void Tell(OutputWriter output, string path, TrustedDirectory directory, NodeConfiguration configuration)
    {
        foreach (var fault in configuration.Faults)
        {
            output.Line(fault.ToString());
        }

        if (configuration.Plan is { } plan)
        {
            var found = directory.Exists ? $"{directory.Files.Count} manifest{(directory.Files.Count == 1 ? "" : "s")} in {path}" : $"{path} does not exist";
            output.Line($"ok: {found}; the node runs {string.Join(", ", plan.Graph.StartOrder)}");
        }
    }

    private static void Write(Utf8JsonWriter json, string path, int files, NodeConfiguration configuration)
    {
        json.WriteStartObject();
        json.WriteBoolean("ok"u8, configuration.Plan is not null);
        json.WriteString("directory"u8, path);
        json.WriteNumber("files"u8, files);
        json.WriteStartArray("services"u8);
        foreach (var name in configuration.Plan?.Graph.StartOrder ?? [])
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
        json.WriteStartArray("faults"u8);
        foreach (var fault in configuration.Faults)
        {
            json.WriteStartObject();
            json.WriteString("file"u8, fault.File);
            json.WriteNumber("line"u8, fault.Line);
            json.WriteNumber("column"u8, fault.Column);
            json.WriteString("field"u8, fault.Field);
            json.WriteString("message"u8, fault.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
