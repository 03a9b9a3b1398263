using System.CommandLine;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;
using Strata.StrataCtl.Scaffold;

namespace Strata.StrataCtl.Commands;

/// <summary><c>new</c>: the start of a service of one's own.</summary>
internal static class NewCommand
{
    private const UnixFileMode Runnable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public static Command Create(Cli cli)
    {
        var name = new Argument<string>("NAME") { Description = "Name of the service: lower-case letters, digits, hyphens", HelpName = "NAME" };
        var folder = new Option<string?>("--output", "-o") { Description = "Folder to write to; it must be empty or not there yet [default: NAME]", HelpName = "DIR" };
        return cli.Family(
            "new", "Starts a service of your own.",
            cli.Command(
                "service", "Writes a C# project with one method, its manifest, and a test that runs it on a node of its own.", [name, folder],
                ["strata-ctl new service greeter && greeter/test.sh", "strata-ctl new service thumbnailer -o ~/src/thumbnailer"],
                (session, parsed, _) => Task.FromResult(Write(session, parsed.GetRequiredValue(name), parsed.GetValue(folder), AppContext.BaseDirectory))));
    }

    internal static int Write(Session session, string name, string? folder, string programs)
    {
        if (ServiceProject.FaultOf(name) is { } fault)
        {
            throw new UsageException($"\"{name}\" cannot be a service's name: it {fault}");
        }

        programs = Path.TrimEndingDirectorySeparator(programs);
        var package = Directory.Exists(Path.Combine(programs, "sdk")) ? Directory.GetFiles(Path.Combine(programs, "sdk"), "Strata.Sdk.*.nupkg").FirstOrDefault() : null;
        if (package is null)
        {
            throw new UsageException($"there is no Strata.Sdk package in {Path.Combine(programs, "sdk")}; ./build.sh in the sources of Strata makes it, beside strata-ctl");
        }

        var target = Path.GetFullPath(folder ?? name);
        if (Directory.Exists(target) ? Directory.EnumerateFileSystemEntries(target).Any() : File.Exists(target))
        {
            throw new UsageException($"{target} is there already and not empty; choose another folder with --output");
        }

        var version = Path.GetFileName(package)["Strata.Sdk.".Length..^".nupkg".Length];
        var project = new ServiceProject(name, target, programs, version);
        try
        {
            Directory.CreateDirectory(target);
            foreach (var (file, text) in project.Files)
            {
                var path = Path.Combine(target, file);
                File.WriteAllText(path, text);
                if (file.EndsWith(".sh", StringComparison.Ordinal))
                {
                    File.SetUnixFileMode(path, Runnable);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write {target}: {e.Message}");
        }

        if (session.Out.Json)
        {
            session.Out.Document(json =>
            {
                json.WriteStartObject();
                json.WriteString("folder", target);
                json.WriteStartArray("files");
                foreach (var file in project.Files.Keys)
                {
                    json.WriteStringValue(file);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            });
            return ExitCode.Ok;
        }

        session.Out.Line($"{target}: {string.Join(", ", project.Files.Keys)}");
        session.Out.Line($"next: {ShellQuote.Of(target)}/test.sh builds it and calls it on a node of its own", Tone.Faint);
        return ExitCode.Ok;
    }
}
