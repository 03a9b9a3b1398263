namespace Strata.Packaging.Tests;

/// <summary>Whether NativeAOT can be had is found out with a stub for the SDK, so that either answer is tried wherever the tests run.</summary>
public sealed class NativeCodeTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly Stubs _stubs;

    public NativeCodeTests() => _stubs = new Stubs(_temp.Path);

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_source_without_the_pack_is_told_by_the_packs_name()
    {
        _stubs.Add("dotnet", "echo 'probe.csproj : error NU1101: Unable to find package Some.Runtime.NativeAOT.linux-x64. No packages exist with this id'; exit 1");
        var result = await RunAsync();
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("the package source has no Some.Runtime.NativeAOT.linux-x64\n", result.Output);
        Assert.False(Directory.Exists(_temp["native"]));
    }

    [Fact]
    public async Task Programs_that_do_not_compile_are_told_and_nothing_is_kept()
    {
        _stubs.Add("dotnet", "[ \"$1\" = restore ]");
        _stubs.Add("clang");
        var result = await RunAsync();
        Assert.Equal(1, result.ExitCode);
        Assert.EndsWith("could not be compiled to native code\n", result.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_temp["native"]));
    }

    [Fact]
    public async Task Programs_that_compile_are_handed_over_when_they_run()
    {
        // "publish PROJECT ... -o DIRECTORY": a program that says its version, named as the project's assembly.
        _stubs.Add("dotnet", """
            [ "$1" = publish ] || exit 0
            name=$(sed -n 's/.*<AssemblyName>\(.*\)<.*/\1/p' "$2")
            while [ "$1" != -o ]; do shift; done
            mkdir -p "$2" && printf '#!/bin/sh\necho %s 1.2.3\n' "$name" > "$2/$name" && chmod +x "$2/$name"
            """);
        _stubs.Add("clang");
        (await RunAsync()).Succeeded();
        Assert.Equal(["fs", "identity", "registry", "sandbox", "strata-ctl", "strata-exec", "supervisor"], Directory.GetFiles(_temp["native"]).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
    }

    private Task<CommandResult> RunAsync() =>
        Command.RunAsync(Checkout.At("packaging/native.sh"), ["1.2.3", _temp["native"]], new Dictionary<string, string?> { ["PATH"] = _stubs.SearchPath });
}
