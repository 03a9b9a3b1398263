namespace Strata.EndToEnd.Tests;

/// <summary>What the programs of <c>bin/</c> compile while they run: each such method costs a start a fifth of a millisecond, thirty times that on an emulated machine.</summary>
public sealed class StartupTests
{
    // Without build/startup-methods.txt it is some 420 for the supervisor, 250 for a service, 110 for a command.
    private const int MostOfSupervisor = 140;
    private const int MostOfService = 130;
    private const int MostOfCommand = 70;
    private const string Mark = "JIT compiled ";

    private static readonly string[] Services = ["registry", "identity", "fs"];

    [Fact]
    public async Task Most_of_what_a_start_calls_is_compiled_before()
    {
        await using var node = Node.Prepare();
        foreach (var service in Services)
        {
            Speak(node, service);
        }

        var supervisor = Path.Combine(node.Folder, "supervisor.compiled");
        Report(node.Settings, supervisor);
        await node.LaunchAsync();

        var command = Path.Combine(node.Folder, "command.compiled");
        Report(node.Settings, command);
        // Its exit code is not looked at: the runtime's report may fail to be closed.
        await node.CtlAsync("status");
        await node.StopAsync();

        AssertFew("supervisor", File.ReadAllLines(supervisor), MostOfSupervisor);
        AssertFew("strata-ctl status", File.ReadAllLines(command), MostOfCommand);
        var log = node.Log.Split('\n');
        foreach (var service in Services)
        {
            AssertFew(service, log.Where(l => l.Contains($"service={service} event=output", StringComparison.Ordinal)), MostOfService);
        }
    }

    private static void AssertFew(string program, IEnumerable<string> lines, int most)
    {
        var compiled = lines.Where(l => l.Contains(Mark, StringComparison.Ordinal) && !l.Contains("Tier1", StringComparison.Ordinal)).ToList();
        // Some the compiler never prepares; none at all would mean that nothing was reported.
        Assert.NotEmpty(compiled);
        Assert.True(
            compiled.Count <= most,
            $"{program} compiled {compiled.Count} methods, more than {most}; add them by scripts/startup-methods.sh:\n{string.Join('\n', compiled.Select(l => l[(l.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..]))}");
    }

    private static void Report(Dictionary<string, string?> settings, string file) =>
        (settings["DOTNET_JitDisasmSummary"], settings["DOTNET_JitStdOutFile"]) = ("1", file);

    /// <summary>A service has nothing of the supervisor's environment and may write nowhere: it says what it compiles on standard error.</summary>
    private static void Speak(Node node, string service)
    {
        var script = Path.Combine(node.Folder, service);
        File.WriteAllText(script, $"#!/bin/sh\nexport DOTNET_JitDisasmSummary=1 DOTNET_JitStdOutFile=/proc/self/fd/2\nexec {Checkout.Program(service)} \"$@\"\n");
        File.SetUnixFileMode(script, (UnixFileMode)0x1ED);
        node.Settings[$"STRATA_{service.ToUpperInvariant()}_BIN"] = script;
    }
}
