namespace Strata.Packaging.Tests;

/// <summary>What <c>packaging/build.sh</c> does around the making of the archives, in a checkout whose makers are stubs.</summary>
public sealed class BuildScriptTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly Stubs _stubs;

    public BuildScriptTests()
    {
        _stubs = new Stubs(_temp.Path);
        Directory.CreateDirectory(Copy + "/packaging/release");
        Directory.CreateDirectory(Copy + "/scripts");
        File.WriteAllText(Copy + "/Directory.Build.props", "<Version>4.5.6</Version>\n");
        File.WriteAllText(Copy + "/scripts/prerequisites.sh", Checkout.Read("scripts/prerequisites.sh") + "need_packages() { :; }\n");
        foreach (var script in new[] { "packaging/build.sh", "packaging/version.sh" })
        {
            Stubs.Executable(Path.Combine(Copy, script), Checkout.Read(script));
        }

        foreach (var script in new[] { "archive.py", "sbom.py" })
        {
            File.Copy(Checkout.At("packaging/release/" + script), Copy + "/packaging/release/" + script);
        }

        File.WriteAllText(Copy + "/packaging/release/components.py", "print('[]')\n");
        File.WriteAllText(Copy + "/packaging/release/libraries.py", "\n");
        Stub("build.sh", "echo \"built ${STRATA_VERSION:-as it is}\"");
        Stub("packaging/native.sh", "echo 'the package source has no Such.Pack'; exit 1");
        Stub("packaging/deb.sh", "mkdir -p $0.d/DEBIAN && printf 'Package: strata\\nVersion: %s\\nArchitecture: amd64\\nMaintainer: x <x@localhost>\\nDescription: x\\n' $1 > $0.d/DEBIAN/control && dpkg-deb -b $0.d $2/strata_$1_amd64.deb >&2");
        Stub("packaging/tarball.sh", "mkdir -p $0.d && echo $1 > $0.d/README.md && tar -czf $2/strata-$1-linux-x64.tar.gz -C $0.d .");
        Stub("packaging/oci.sh", "mkdir -p $3/base $3/strata/usr/lib/strata $2/strata-$1-linux-x64.oci && echo x > $3/base/x && tar -cf $2/strata-$1-linux-x64.oci.tar -C $3 .");
    }

    private string Copy => _temp["checkout"];

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_release_is_named_by_its_version_and_comes_with_checksums_that_hold()
    {
        var result = (await RunAsync("7.8.9-rc.1")).Succeeded();
        Assert.Contains("built 7.8.9-rc.1", result.Output, StringComparison.Ordinal);
        Assert.Contains("code: ReadyToRun, as NativeAOT cannot be had: the package source has no Such.Pack", result.Output, StringComparison.Ordinal);
        Assert.Equal(
            ["SHA256SUMS", "strata-7.8.9-rc.1-linux-x64.oci", "strata-7.8.9-rc.1-linux-x64.oci.tar", "strata-7.8.9-rc.1-linux-x64.tar.gz", "strata-7.8.9-rc.1.spdx.json", "strata_7.8.9-rc.1_amd64.deb"],
            Entries(Copy + "/dist"));
        (await Command.RunAsync("sha256sum", ["--check", "--strict", "SHA256SUMS"], workingDirectory: Copy + "/dist")).Succeeded();
        Assert.Equal(4, File.ReadAllLines(Copy + "/dist/SHA256SUMS").Length);
    }

    [Fact]
    public async Task Without_a_version_it_is_that_of_the_sources_and_the_programs_are_built_as_they_are()
    {
        var result = (await RunAsync("--readytorun")).Succeeded();
        Assert.Contains("built as it is", result.Output, StringComparison.Ordinal);
        Assert.Contains("code: ReadyToRun, as asked for", result.Output, StringComparison.Ordinal);
        Assert.Contains("strata_4.5.6_amd64.deb", Entries(Copy + "/dist"));
    }

    [Fact]
    public async Task A_release_takes_the_place_of_the_one_before_as_a_whole()
    {
        (await RunAsync("1.0.0", "--output", _temp["out"])).Succeeded();
        (await RunAsync("2.0.0", "--output", _temp["out"])).Succeeded();
        Assert.DoesNotContain(Entries(_temp["out"]), e => e.Contains("1.0.0", StringComparison.Ordinal));
        Assert.Equal(["checkout", "out", "stubs"], Entries(_temp.Path));
    }

    [Theory]
    [InlineData("build.sh")]
    [InlineData("packaging/deb.sh")]
    [InlineData("packaging/tarball.sh")]
    [InlineData("packaging/oci.sh")]
    public async Task A_step_that_fails_leaves_the_release_before_and_nothing_else(string step)
    {
        (await RunAsync("1.0.0", "--output", _temp["out"])).Succeeded();
        Stub(step, "echo half > ${2:-.}/half; echo 'write error: No space left on device' >&2; exit 1");
        var result = await RunAsync("2.0.0", "--output", _temp["out"]);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("No space left on device", result.Error, StringComparison.Ordinal);
        Assert.Contains("error: nothing was released", result.Error, StringComparison.Ordinal);
        Assert.Contains("strata_1.0.0_amd64.deb", Entries(_temp["out"]));
        Assert.Empty(Directory.GetFileSystemEntries(_temp.Path, ".release.*"));
    }

    [Fact]
    public async Task A_directory_that_holds_something_else_is_left_alone()
    {
        Directory.CreateDirectory(_temp["mine"]);
        File.WriteAllText(_temp["mine/letter.txt"], "dear");
        var result = await RunAsync("1.0.0", "--output", _temp["mine"]);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("holds something else than a release", result.Error, StringComparison.Ordinal);
        Assert.Equal(["letter.txt"], Entries(_temp["mine"]));
    }

    [Theory]
    [InlineData("not a version", "1.2")]
    [InlineData("one version", "1.2.3", "1.2.4")]
    [InlineData("unknown argument --ouptut", "--ouptut", "x")]
    [InlineData("--output needs a directory", "--output")]
    public async Task What_cannot_be_meant_is_refused_before_anything_is_made(string says, params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(says == "not a version" ? "is no version" : says, result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Copy + "/dist"));
    }

    [Fact]
    public async Task Outside_of_git_the_time_must_be_given()
    {
        var result = await RunAtAsync(null, "1.0.0");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("set SOURCE_DATE_EPOCH", result.Error, StringComparison.Ordinal);
    }

    private void Stub(string path, string body) => Stubs.Executable(Path.Combine(Copy, path), $"#!/bin/sh\nset -eu\n{body}\n");

    private Task<CommandResult> RunAsync(params string[] arguments) => RunAtAsync("1700000000", arguments);

    private Task<CommandResult> RunAtAsync(string? epoch, params string[] arguments)
    {
        // No directory above may pass for a git checkout.
        var environment = new Dictionary<string, string?> { ["SOURCE_DATE_EPOCH"] = epoch, ["STRATA_VERSION"] = null, ["GIT_CEILING_DIRECTORIES"] = _temp.Path, ["PATH"] = _stubs.SearchPath };
        return Command.RunAsync(Copy + "/packaging/build.sh", arguments, environment);
    }

    private static string[] Entries(string directory) => [.. Directory.GetFileSystemEntries(directory).Select(e => Path.GetFileName(e)!).Order(StringComparer.Ordinal)];
}
