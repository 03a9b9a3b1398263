using Strata.Linux;

namespace Strata.Supervisor.Tests;

/// <summary>The real supervisor and manifests that it must not run.</summary>
public sealed class ManifestFilesTests
{
    private const int CannotStart = 78;

    [Fact]
    public void A_declared_program_that_is_not_there_is_named_with_its_line_and_nothing_starts()
    {
        using var runtime = new TestRuntime();
        var file = runtime.Declare("hello", "{\n  \"name\": \"hello\",\n  \"exec\": [\"no-such-program\"]\n}");

        Refused(runtime, $"{file}:3:11: exec: no program \"no-such-program\" for the service hello in ");
    }

    [Fact]
    public void A_socket_for_an_unknown_group_is_refused_with_its_line_and_nothing_starts()
    {
        using var runtime = new TestRuntime();
        var file = runtime.Declare("hello", $"{{\n  \"name\": \"hello\",\n  \"exec\": [\"{StubService.Program}\"],\n  \"socket\": {{ \"group\": \"nobodys\" }}\n}}");

        Refused(runtime, $"{file}:4:24: socket.group: there is no group 'nobodys' in /etc/group; make it, or give its number");
    }

    [Fact]
    public void A_manifest_that_others_can_write_is_refused_with_the_command_that_mends_it()
    {
        using var runtime = new TestRuntime();
        var file = runtime.Declare("hello", $$"""{ "name": "hello", "exec": ["{{StubService.Program}}"] }""");
        File.SetUnixFileMode(file, (UnixFileMode)0x1B4);

        Refused(runtime, $"{file}: has mode 664, so others can change what this node runs; run: chmod go-w '{file}'");
    }

    [Fact]
    public void A_directory_of_manifests_that_others_can_write_is_refused_even_when_it_is_sticky()
    {
        using var runtime = new TestRuntime();
        var directory = Path.GetDirectoryName(runtime.Declare("hello", $$"""{ "name": "hello", "exec": ["{{StubService.Program}}"] }"""))!;
        File.SetUnixFileMode(directory, (UnixFileMode)0x3FF);

        Refused(runtime, $"'{directory}' has mode 1777, so others can change what this node runs; run: chmod go-w '{directory}'");
    }

    [Fact]
    public void A_directory_that_others_can_replace_is_refused_also_behind_a_link()
    {
        using var runtime = new TestRuntime();
        using var elsewhere = new TempDirectory();
        var open = Directory.CreateDirectory(elsewhere["open"]).FullName;
        Directory.CreateDirectory(Path.Combine(open, "services.d"), (UnixFileMode)0x1ED);
        File.SetUnixFileMode(open, (UnixFileMode)0x1FF);
        Directory.CreateSymbolicLink(Path.Combine(runtime.Dir, "services.d"), Path.Combine(open, "services.d"));

        Refused(runtime, $"'{open}', which leads to '{runtime.Dir}/services.d', has mode 777, so others can change what this node runs; run: chmod go-w '{open}'");
    }

    [Fact]
    public void Links_that_lead_out_directories_and_pipes_in_place_of_files_are_refused_together()
    {
        using var runtime = new TestRuntime();
        var directory = Path.GetDirectoryName(runtime.Declare("a", "{}"))!;
        File.CreateSymbolicLink(Path.Combine(directory, "b.service.json"), "/etc/passwd");
        Directory.CreateDirectory(Path.Combine(directory, "c.service.json"));
        Assert.Equal(0, Native.MakeFifo(Path.Combine(directory, "d.service.json"), 0x180));

        Refused(
            runtime, $"{directory}/b.service.json: is a link that leads out of the directory", $"{directory}/c.service.json: is a directory",
            $"{directory}/d.service.json: is not a regular file", "a.service.json:1:1: name: is missing", "supervisor: 5 faults");
    }

    [Fact]
    public void A_configuration_directory_that_is_no_absolute_path_is_refused()
    {
        using var runtime = new TestRuntime();
        using var supervisor = SupervisorProcess.Start(runtime, "STRATA_CONFIG_DIR=etc");

        Assert.Equal(CannotStart, supervisor.AwaitExit().Code);
        Assert.Contains("STRATA_CONFIG_DIR must be an absolute path, not etc", runtime.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_of_a_manifest_runs_beside_the_built_in_ones_and_a_file_tunes_those()
    {
        using var runtime = new TestRuntime();
        runtime.Declare("hello", $$"""{ "name": "hello", "exec": ["{{StubService.Program}}"], "requires": ["fs"], "socket": { "name": "hi.sock" } }""");
        runtime.Declare("fs", """{ "name": "fs", "watchdog": { "interval": "20s" } }""");
        using var supervisor = SupervisorProcess.Start(runtime);
        supervisor.AwaitReady();

        Assert.Equal("Healthy", (await runtime.StatusAsync("hello")).State);
        Assert.Contains("hi.sock", runtime.Sockets);
        supervisor.Signal(Signal.SIGTERM);
        Assert.Equal(0, supervisor.AwaitExit().Code);
        Assert.Empty(runtime.Sockets);
    }

    private static void Refused(TestRuntime runtime, params string[] lines)
    {
        using var supervisor = SupervisorProcess.Start(runtime);

        Assert.Equal(CannotStart, supervisor.AwaitExit().Code);
        Assert.All(lines, line => Assert.Contains(line, runtime.Log, StringComparison.Ordinal));
        Assert.Empty(runtime.Sockets);
    }
}
