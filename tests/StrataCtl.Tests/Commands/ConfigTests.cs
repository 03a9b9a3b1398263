using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public sealed class ConfigTests
{
    private const UnixFileMode Writable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    [Fact]
    public async Task Right_manifests_are_counted_and_the_start_order_shown()
    {
        using var directory = new TempDirectory();
        Write(directory, "hello", """{ "name": "hello", "exec": ["/bin/true"], "requires": ["fs"] }""");

        var run = await RunAsync("check", directory.Path);

        Assert.Equal((0, $"ok: 1 manifest in {directory.Path}; the node runs identity, registry, fs, hello\n", ""), (run.Code, run.Output, run.Error));
    }

    [Fact]
    public async Task Every_fault_is_a_line_with_its_place_and_the_exit_code_is_1()
    {
        using var directory = new TempDirectory();
        Write(directory, "a", "{\n  \"name\": \"a\",\n  \"exec\": [\"../x\"],\n  \"requires\": [\"b\", \"fss\"]\n}");
        Write(directory, "b", "{\n  \"nam\": \"b\"\n}");

        var run = await RunAsync("check", directory.Path);

        Assert.Equal(1, run.Code);
        string[] expected =
        [
            "a.service.json:3:11: exec: must be an absolute path or a bare file name",
            "a.service.json:4:21: requires[1]: fss is not a declared service; did you mean fs?",
            "b.service.json:1:1: name: is missing",
            "b.service.json:1:1: exec: is missing",
            "b.service.json:2:3: nam: is not a field of a manifest; did you mean name?",
        ];
        Assert.All(run.Output.TrimEnd('\n').Split('\n').Zip(expected), line => Assert.StartsWith($"{directory.Path}/{line.Second}", line.First, StringComparison.Ordinal));

        var json = (await RunAsync("check", directory.Path, "--json")).Json;
        Assert.False(json.GetProperty("ok").GetBoolean());
        Assert.Equal(5, json.GetProperty("faults").GetArrayLength());
        Assert.Equal(21, json.GetProperty("faults")[1].GetProperty("column").GetInt32());
    }

    [Fact]
    public async Task What_would_change_is_a_line_a_service_and_a_dry_run_applies_nothing()
    {
        await using var node = new FakeNode("supervisor")
            .On("supervisor.config.diff", """{"outcome":"differs","generation":3,"services":[{"name":"a","change":"added","effect":"starts"},{"name":"b","change":"follows","effect":"restarts","fields":["wants"],"with":"c"},{"name":"c","change":"restarted","effect":"restarts","fields":["exec","environment"]}],"faults":[]}""");

        var run = await CtlRun.Of(node, "config", "apply", "--dry-run");

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(
            """
            SERVICE  CHANGE     WHAT HAPPENS  BECAUSE OF
            a        added      starts        -
            b        follows    restarts      wants; its strategy and c
            c        restarted  restarts      exec, environment

            configuration 3 is in force; strata-ctl config apply carries this out

            """,
            run.Output);
        Assert.Equal(run.Output, (await CtlRun.Of(node, "config", "diff")).Output);
    }

    [Fact]
    public async Task A_refused_configuration_shows_its_faults_and_ends_with_1()
    {
        await using var node = new FakeNode("supervisor")
            .On("supervisor.config.apply", """{"outcome":"refused","generation":1,"services":[],"faults":[{"file":"/etc/x","line":3,"column":5,"field":"exec","message":"is \u001b[2Jwrong"},{"file":"/etc","line":0,"column":0,"field":"","message":"has mode 777"}],"more_faults":1}""");

        var run = await CtlRun.Of(node, "config", "apply");

        Assert.Equal(1, run.Code);
        Assert.Equal("/etc/x:3:5: exec: is \\x1b[2Jwrong\n/etc: has mode 777\nrefused: 3 faults; configuration 1 stays in force and nothing was changed\n", run.Output);
        Assert.Equal("refused", (await CtlRun.Of(node, "config", "apply", "--json")).Json.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Applying_what_is_in_force_says_so()
    {
        await using var node = new FakeNode("supervisor").On("supervisor.config.apply", """{"outcome":"unchanged","generation":2,"services":[],"faults":[],"later":1}""");
        var run = await CtlRun.Of(node, "config", "apply");
        Assert.Equal((0, "nothing to apply: configuration 2 is in force\n"), (run.Code, run.Output));
    }

    [Fact]
    public async Task The_nodes_own_directory_is_found_by_its_variable_and_must_be_out_of_others_reach()
    {
        using var directory = new TempDirectory();
        Directory.CreateDirectory(Path.Combine(directory.Path, "services.d"));
        var file = Write(directory, "services.d/hello", """{ "name": "hello", "exec": ["/bin/true"] }""");
        var settings = new CtlSettings { Variables = new() { ["STRATA_CONFIG_DIR"] = directory.Path } };
        Assert.Equal(0, (await RunAsync(settings, "check")).Code);

        File.SetUnixFileMode(file, Writable);
        var run = await RunAsync(settings, "check");

        Assert.Equal((1, $"{file}: has mode 606, so others can change what this node runs; run: chmod go-w '{file}'\n"), (run.Code, run.Output));
        Assert.Equal(0, (await RunAsync("check", directory.Path)).Code);
    }

    [Fact]
    public async Task A_directory_that_is_not_there_is_a_usage_error_only_when_it_was_named()
    {
        var run = await RunAsync("check", "/nowhere/at-all");
        Assert.Equal((2, "error: /nowhere/at-all is no directory\n"), (run.Code, run.Error));

        run = await RunAsync(new CtlSettings { Variables = new() { ["STRATA_CONFIG_DIR"] = "/nowhere" } }, "check");
        Assert.Equal((0, "ok: /nowhere/services.d does not exist; the node runs identity, registry, fs\n"), (run.Code, run.Output));
    }

    [Fact]
    public async Task The_schema_is_the_committed_one()
    {
        Assert.Equal(File.ReadAllText(Checkout.At("api/service.schema.json")), (await RunAsync("schema")).Output);
    }

    private static string Write(TempDirectory directory, string name, string text)
    {
        var path = Path.Combine(directory.Path, name + ".service.json");
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    private static Task<CtlRun> RunAsync(params string[] args) => RunAsync(new CtlSettings(), args);

    private static async Task<CtlRun> RunAsync(CtlSettings settings, params string[] args)
    {
        await using var node = new FakeNode();
        return await CtlRun.Of(node, settings, ["config", .. args]);
    }
}
