using Strata.Contracts;
using Strata.Hosting;
using Strata.Linux;

namespace Strata.Supervisor.Tests;

/// <summary>State that another version of Strata wrote, met by a real supervisor.</summary>
public sealed class StateFormatTests
{
    private static readonly StateFormat Newer = new(StateFormat.Current + 1, "9.8.7");

    [Fact]
    public void A_first_start_marks_the_state_and_a_later_one_leaves_the_mark_alone()
    {
        using var runtime = new TestRuntime();
        RunOnce(runtime);
        var file = Path.Combine(runtime.Dir, "state", StateFormat.FileName);
        Assert.Equal(new StateFormat(StateFormat.Current, StrataVersion.Current), StateFormat.TryParse(File.ReadAllBytes(file), out _));

        var earlier = new StateFormat(StateFormat.Current, "0.0.1");
        File.WriteAllBytes(file, earlier.Encode());
        RunOnce(runtime);
        Assert.Equal(earlier, StateFormat.TryParse(File.ReadAllBytes(file), out _));
    }

    [Fact]
    public void Newer_state_is_refused_with_the_exit_code_of_what_cannot_start_and_nothing_is_touched()
    {
        using var runtime = new TestRuntime();
        var state = Write(runtime, Newer);
        var before = Tree(state);
        using var supervisor = SupervisorProcess.Start(runtime);
        Assert.Equal(ServiceHost.ExitUnusable, supervisor.AwaitExit().Code);
        Assert.Contains($"the state in {state} has format {Newer.Format}, written by Strata 9.8.7; this is Strata {StrataVersion.Current}", runtime.Log, StringComparison.Ordinal);
        Assert.Equal(before, Tree(state));
        Assert.False(File.Exists(Path.Combine(runtime.Dir, NodeDirectories.LockName)));
        Assert.Empty(runtime.Sockets);
    }

    [Fact]
    public async Task Whoever_asks_before_a_start_is_told()
    {
        using var runtime = new TestRuntime();
        Assert.Equal((0, $"there is no state in {runtime.Dir}/state yet\n", ""), await CheckAsync(runtime));
        Write(runtime, new StateFormat(StateFormat.Current, "0.0.1"));
        Assert.Equal((0, $"the state in {runtime.Dir}/state has format 1, as Strata {StrataVersion.Current} writes it\n", ""), await CheckAsync(runtime));

        Write(runtime, Newer);
        var (code, output, error) = await CheckAsync(runtime);
        Assert.Equal((ServiceHost.ExitUnusable, ""), (code, output));
        Assert.Contains("Install Strata 9.8.7 or newer", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Services_that_an_earlier_supervisor_left_keep_state_from_being_changed()
    {
        using var runtime = new TestRuntime();
        var settings = NodeSettings.From(name => name == "STRATA_RUNTIME_DIR" ? runtime.Dir : null);
        Assert.Null(Estate.WhyNotAlone(settings));
        using (var supervisor = SupervisorProcess.Start(runtime, $"{StubService.OutlivesVariable}=1"))
        {
            supervisor.AwaitReady();
            supervisor.Signal(Signal.SIGKILL);
            supervisor.AwaitExit();
        }

        var obstacle = Estate.WhyNotAlone(settings);
        Assert.Contains("services of an earlier supervisor still run: ", obstacle, StringComparison.Ordinal);
        Assert.Contains("fs (pid ", obstacle, StringComparison.Ordinal);
    }

    internal static string Write(TestRuntime runtime, StateFormat format)
    {
        var state = Path.Combine(runtime.Dir, "state");
        PrivateDirectory.Ensure(state, 0x1C0).Dispose();
        File.WriteAllBytes(Path.Combine(state, StateFormat.FileName), format.Encode());
        return state;
    }

    private static void RunOnce(TestRuntime runtime)
    {
        using var supervisor = SupervisorProcess.Start(runtime);
        supervisor.AwaitReady();
        supervisor.Signal(Signal.SIGTERM);
        Assert.Equal(0, supervisor.AwaitExit().Code);
    }

    private static async Task<(int Code, string Output, string Error)> CheckAsync(TestRuntime runtime)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var code = await SupervisorProgram.CheckStateAsync(name => name == "STRATA_RUNTIME_DIR" ? runtime.Dir : null, output, errors);
        return (code, output.ToString(), errors.ToString());
    }

    private static List<string> Tree(string directory) =>
        [.. new DirectoryInfo(directory).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Select(entry => $"{entry.FullName} {entry.LastWriteTimeUtc.Ticks} {entry.UnixFileMode}").Order(StringComparer.Ordinal)];
}
