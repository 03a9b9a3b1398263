using Strata.Contracts;

namespace Strata.EndToEnd.Tests;

/// <summary>Services that are run by themselves, without a supervisor that sees to the state.</summary>
public class StateFormatTests
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [Theory]
    [InlineData("identity")]
    [InlineData("fs")]
    [InlineData("registry")]
    public async Task A_service_alone_refuses_newer_state_and_touches_nothing(string service)
    {
        using var directory = new TempDirectory();
        var file = Path.Combine(Directory.CreateDirectory(directory["state"], Private).FullName, StateFormat.FileName);
        File.WriteAllBytes(file, new StateFormat(StateFormat.Current + 1, "9.8.7").Encode());

        var environment = new Dictionary<string, string?> { ["STRATA_RUNTIME_DIR"] = directory.Path, ["STRATA_STATE_DIR"] = null, ["STRATA_SUPERVISOR_PID"] = null };
        var ended = await Command.RunAsync(Checkout.Program(service), [], environment);

        Assert.Equal(78, ended.ExitCode);
        Assert.StartsWith($"{service}: the state in {directory["state"]} has format 2, written by Strata 9.8.7; this is Strata ", ended.Error, StringComparison.Ordinal);
        Assert.Equal([file], Directory.EnumerateFileSystemEntries(directory["state"]));
        Assert.Equal([directory["state"]], Directory.EnumerateFileSystemEntries(directory.Path));
    }
}
